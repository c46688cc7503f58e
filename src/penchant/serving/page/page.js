"use strict";
// Everything that comes from data is put in with textContent: a title can never become markup.

const WORDS = {
  en: { person: "Person", or: "or", interest: "A stranger who likes", recommend: "Recommend", list: "Recommended",
    past: "History", empty: "Nothing yet.", loading: "Thinking …", failed: "That did not work: ", like: "Like", dislike: "Not for me",
    noted: "Noted. The list has changed.", chance: "like", unknown: "Nothing is known of this person: a stranger's list." },
  zh: { person: "用户", or: "或", interest: "一位陌生人，喜欢", recommend: "推荐", list: "为你推荐",
    past: "历史", empty: "还没有内容。", loading: "思考中……", failed: "出错了：", like: "喜欢", dislike: "不感兴趣",
    noted: "已记录，列表已更新。", chance: "喜欢的概率", unknown: "没有此人的记录：按陌生人推荐。" },
};
const $ = (id) => document.getElementById(id);
let language = navigator.language.startsWith("zh") ? "zh" : "en";
let shown = null; // what the list on the page answers
const say = (key) => WORDS[language][key];

function make(tag, className, text) {
  const node = document.createElement(tag);
  node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

async function ask(path, body) {
  const options = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(path, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error ? answer.error.message : response.statusText);
  return answer;
}

function stars(value) {
  return value == null ? "" : `★ ${value.toFixed(1)}`;
}

function button(label, act) {
  const node = make("button", "", label);
  node.type = "button";
  node.addEventListener("click", act);
  return node;
}

function itemRow(item) {
  const row = make("li", "");
  const facts = make("span", "facts", stars(item.rating));
  if (item.like !== undefined) {
    const meter = make("meter", "");
    meter.value = item.like;
    meter.title = `${say("chance")} ${Math.round(item.like * 100)} %`;
    facts.append(meter, make("span", "", `${say("chance")} ${Math.round(item.like * 100)} %`));
  }
  row.append(make("span", "title", item.title || item.item_id), facts);
  if (shown.user_id) {
    const acts = make("span", "acts");
    acts.append(button(say("like"), () => react(item, "like")), button(say("dislike"), () => react(item, "dislike")));
    row.append(acts);
  }
  return row;
}

function pastRow(event) {
  const row = make("li", "");
  const value = event.value == null ? event.kind : stars(event.value);
  row.append(make("span", "title", event.title || event.item_id || event.text), make("span", "facts", value));
  return row;
}

function fill(list, rows) {
  list.replaceChildren(...(rows.length ? rows : [make("li", "empty", say("empty"))]));
}

async function show(note) {
  $("status").textContent = say("loading");
  try {
    const answer = await ask("/v1/recommend", shown);
    const past = shown.user_id ? (await ask(`/v1/users/${encodeURIComponent(shown.user_id)}?limit=20`)).history : shown.history || [];
    fill($("list"), answer.items.map(itemRow));
    fill($("past"), past.map(pastRow));
    $("status").textContent = note || (shown.user_id && !answer.known ? say("unknown") : "");
  } catch (error) {
    $("status").textContent = say("failed") + error.message;
  }
}

async function react(item, kind) {
  try {
    await ask("/v1/events", { events: [{ user_id: shown.user_id, item_id: item.item_id, kind }] });
    await show(say("noted"));
  } catch (error) {
    $("status").textContent = say("failed") + error.message;
  }
}

function speak() {
  document.documentElement.lang = language;
  document.querySelectorAll("[data-say]").forEach((node) => { node.textContent = say(node.dataset.say); });
  $("language").textContent = language === "zh" ? "English" : "中文";
}

async function listPeople() {
  const { user_ids: found } = await ask(`/v1/users?limit=20&query=${encodeURIComponent($("user").value)}`);
  $("people").replaceChildren(...found.map((name) => { const option = make("option", ""); option.value = name; return option; }));
  return found;
}

$("language").addEventListener("click", () => { language = language === "zh" ? "en" : "zh"; speak(); if (shown) show(); });
$("user").addEventListener("input", listPeople);
$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const words = $("words").value.trim();
  shown = words ? { history: [{ kind: "search", text: words }] } : { user_id: $("user").value };
  show();
});
speak();
listPeople().then((found) => {
  if (!found.length) return;
  $("user").value = found[0];
  shown = { user_id: found[0] };
  show();
});

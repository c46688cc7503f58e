// Items by words, for whoever looks for something to say that they like it.

import { ask } from "./api.js";
import { card, el, iconButton } from "./dom.js";
import { number, say } from "./words.js";

export function searchCard(tell) {
  const field = el("input", { id: "search", type: "search", autocomplete: "off", placeholder: say("search.example"), maxlength: 4096 });
  const found = el("ul", { id: "found", class: "past", "aria-live": "polite" });
  const submit = (event) => { event.preventDefault(); search(field.value.trim(), found, tell); };
  return card(say("search"), el("form", { class: "line", onsubmit: submit }, el("label", {}, say("search.words"), field), el("button", {}, say("search.do"))), found);
}

async function search(text, found, tell) {
  if (!text) return;
  found.replaceChildren(el("li", { class: "empty" }, say("loading")));
  try {
    const { items } = await ask(`/v1/similar?k=8&text=${encodeURIComponent(text)}`);
    found.replaceChildren(...(items.length ? items.map((item) => row(item, tell)) : [el("li", { class: "empty" }, say("empty.search"))]));
  } catch (error) {
    found.replaceChildren(el("li", { class: "bad" }, say("failed"), " ", error.message));
  }
}

function row(item, tell) {
  const title = item.title || item.item_id;
  return el("li", {}, el("span", { class: "title" }, title), el("span", { class: "kind", title: say("cosine") }, number(item.score, 2)),
    iconButton("like", say("like.item", { title }), () => tell({ item_id: item.item_id, kind: "like" }, title), { class: "like" }));
}

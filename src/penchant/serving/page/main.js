// The frame: which view is shown, in which language and light, and the key where the server wants one.

import { hasKey, keepKey } from "./api.js";
import { button, el } from "./dom.js";
import { modelView } from "./model.js";
import { personView } from "./person.js";
import { say, speak, spoken } from "./words.js";

const LIGHTS = ["auto", "light", "dark"];
const LIGHT = "penchant-light";
const VIEWS = { person: personView, model: modelView };
const $ = (id) => document.getElementById(id);
let leave = () => {};

/** The words of the address: view, and what in it. */
function place() {
  const parts = location.hash.replace(/^#\/?/, "").split("/").map(plain);
  return VIEWS[parts[0]] ? parts : ["person"];
}

function plain(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function light() {
  const kept = localStorage.getItem(LIGHT);
  return LIGHTS.includes(kept) ? kept : "auto";
}

function setLight(next) {
  localStorage.setItem(LIGHT, next);
  document.documentElement.dataset.light = next;
}

function header(view) {
  const link = (name) => el("a", { href: `#/${name}`, "aria-current": view === name && "page" }, say(`view.${name}`));
  const other = spoken() === "zh" ? "en" : "zh";
  const nextLight = LIGHTS[(LIGHTS.indexOf(light()) + 1) % LIGHTS.length];
  const relight = () => { setLight(nextLight); head(view, "light"); };
  $("top").replaceChildren(
    el("a", { class: "brand", href: "#/person" }, el("img", { src: "/static/icon.svg", alt: "", width: 26, height: 26 }), "Penchant"),
    el("nav", { "aria-label": say("views") }, link("person"), link("model")),
    el("div", { class: "settings" },
      hasKey() && button(say("key.forget"), () => { keepKey(null); show(); }, { id: "forget" }),
      button(say(`light.${light()}`), relight, { id: "light", title: say("light.change") }),
      button(other === "zh" ? "中文" : "English", () => { speak(other); show("language"); }, { id: "language", lang: other })),
  );
}

function head(view, focus) {
  header(view);
  if (focus) $(focus).focus();
}

function show(focus) {
  const [view, ...rest] = place();
  document.documentElement.lang = spoken();
  document.documentElement.dataset.light = light();
  $("skip").textContent = say("skip");
  head(view, focus);
  leave();
  leave = VIEWS[view]($("main"), rest) || (() => {});
}

function askForKey() {
  const dialog = $("key");
  if (dialog.open) return;
  const field = el("input", { type: "password", id: "key-field", autocomplete: "off", spellcheck: "false", required: true });
  const keep = (event) => { event.preventDefault(); keepKey(field.value.trim()); dialog.close(); show(); };
  dialog.replaceChildren(
    el("h2", { id: "key-title" }, say("key.title")),
    el("p", { class: "soft" }, say(hasKey() ? "key.wrong" : "key.why")),
    el("form", { onsubmit: keep }, el("label", {}, say("key"), field), el("button", { class: "main" }, say("key.use"))),
  );
  dialog.showModal();
}

document.addEventListener("key-needed", askForKey);
window.addEventListener("hashchange", () => { if (location.hash !== "#main") show(); });
$("skip").addEventListener("click", (event) => { event.preventDefault(); $("main").focus(); });
show();

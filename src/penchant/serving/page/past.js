// What somebody did, newest first.

import { el } from "./dom.js";
import { nameOf, number, say } from "./words.js";

export function showPast(node, past) {
  const rows = past.map((event) =>
    el("li", {}, el("span", { class: "title" }, event.title || event.item_id || `“${event.text ?? ""}”`), el("span", { class: `kind ${tone(event)}` }, what(event))));
  node.replaceChildren(...(rows.length ? rows : [el("li", { class: "empty" }, say("empty.past"))]));
}

function what(event) {
  const rated = event.value != null && ["rate", "review"].includes(event.kind);
  return rated ? `★ ${number(event.value, event.value % 1 ? 1 : 0)}` : nameOf("kind", event.kind || "other");
}

const tone = (event) => (event.kind === "like" ? "yes" : ["dislike", "skip"].includes(event.kind) ? "no" : "");

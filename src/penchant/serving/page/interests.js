// Interests as a chart that can be edited: more or less of a label becomes a request in words.

import { bar, el, iconButton } from "./dom.js";
import { nameOf, percent, say } from "./words.js";

/** said: `source` and `labels`; steer(words): hears of the request that an edit makes. */
export function showInterests(node, said, asked, steer) {
  if (!said.labels.length) return node.replaceChildren(el("p", { class: "empty" }, say("empty.interests")));
  const most = Math.max(...said.labels.map((one) => one.value), 1e-9);
  const rows = said.labels.map((one) => row(one, most, asked, steer));
  return node.replaceChildren(el("p", { class: "soft small" }, nameOf("interests", said.source)), el("ul", { class: "bars" }, rows));
}

function row({ label, value }, most, asked, steer) {
  const edit = (kind) => iconButton(kind, say(`${kind}.label`, { label }), () => steer(edited(asked.steer, kind, label)), { class: "small" });
  return el("li", {}, el("span", { class: "title" }, label), bar(value / most), el("span", { class: "number" }, percent(value)),
    el("span", { class: "acts" }, edit("less"), edit("more")));
}

/** The request with one wish more; a wish about the same label is replaced. */
function edited(steer, kind, label) {
  const wishes = steer.split(/[,，]\s*/).filter((wish) => wish && wish !== `more ${label}` && wish !== `less ${label}`);
  return [...wishes, `${kind} ${label}`].join(", ");
}

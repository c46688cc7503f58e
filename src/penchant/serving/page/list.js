// A list of recommendations: what is predicted, why it is there, and what somebody says to it. Places move before the eyes.

import { bar, button, el, iconButton } from "./dom.js";
import { showWhy } from "./why.js";
import { number, percent, say } from "./words.js";

const REACTIONS = ["like", "dislike", "skip"];
const SLOW = 350; // milliseconds of a move

export function listNode(id, label) {
  return el("ol", { id, class: "list", "aria-label": label });
}

/** Shows items in `node`. past: what they did; react(event, title, place): hears of a reaction; without it there is none to give. */
export function showList(node, items, { past = [], react = null, mark = () => null } = {}) {
  const before = places(node);
  const rows = items.map((item, place) => row(item, place, { past, react, mark }));
  node.replaceChildren(...(rows.length ? rows : [el("li", { class: "empty" }, say("empty.list"))]));
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) move(node, before);
}

function row(item, place, { past, react, mark }) {
  const title = item.title || item.item_id;
  const acts = react && REACTIONS.map((kind) =>
    iconButton(kind, say(`${kind}.item`, { title }), () => react({ item_id: item.item_id, kind }, title, place), { class: kind }));
  const node = el("li", {},
    el("span", { class: "rank" }, String(place + 1)),
    el("div", { class: "what" }, el("span", { class: "title" }, title), mark(item, place), el("div", { class: "facts" }, facts(item), react && why(item, past))),
    react && el("div", { class: "acts" }, acts));
  node.itemId = item.item_id;
  return node;
}

/** What the tasks say of the pair, as far as there are such tasks. */
function facts(item) {
  const said = [];
  if (item.rating != null) said.push(el("span", { class: "stars", title: say("rating") }, `★ ${number(item.rating, 1)}`));
  if (item.like != null) said.push(el("span", { class: "chance" }, bar(item.like), say("like.chance", { share: percent(item.like) })));
  return said;
}

function why(item, past) {
  const open = button(say("why"), async () => {
    const shown = open.getAttribute("aria-expanded") === "true";
    open.setAttribute("aria-expanded", String(!shown));
    open.closest(".what").querySelector(".because")?.remove();
    if (!shown) open.closest(".what").append(await showWhy(item, past));
  }, { class: "link", "aria-expanded": "false", "aria-label": say("why.item", { title: item.title || item.item_id }) });
  return open;
}

function places(node) {
  return new Map([...node.children].map((child) => [child.itemId, child.getBoundingClientRect().top]));
}

/** Each row comes from where it was; a new one appears. */
function move(node, before) {
  for (const child of node.children) {
    const old = before.get(child.itemId);
    if (old === undefined) child.animate([{ opacity: 0, transform: "translateX(1rem)" }, { opacity: 1, transform: "none" }], { duration: SLOW, easing: "ease-out" });
    else child.animate([{ transform: `translateY(${old - child.getBoundingClientRect().top}px)` }, { transform: "none" }], { duration: SLOW, easing: "ease-in-out" });
  }
}

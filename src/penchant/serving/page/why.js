// Reasons that are true: what the catalogue says of an item, and which of the things somebody chose read most like it.

import { ask } from "./api.js";
import { el } from "./dom.js";
import { number, say } from "./words.js";

const NEGATIVE = ["dislike", "skip", "impression"];
const LOOKED_AT = 200; // neighbours in which the past is looked for

export async function showWhy(item, past) {
  const node = el("div", { class: "because" });
  try {
    const path = `/v1/items/${encodeURIComponent(item.item_id)}`;
    const [about, near] = await Promise.all([ask(path), ask(`${path}/similar?k=${LOOKED_AT}`)]);
    node.append(...said(about), reason(nearest(near.items, past)));
  } catch (error) {
    node.append(el("p", { class: "bad" }, say("failed"), " ", error.message));
  }
  return node;
}

function said(about) {
  const tags = (about.tags || []).map((tag) => el("span", { class: "tag" }, tag));
  return [tags.length ? el("p", { class: "tags" }, tags) : null, about.description ? el("p", { class: "clamp" }, about.description) : null].filter(Boolean);
}

function nearest(neighbours, past) {
  const chosen = new Set(past.filter((event) => event.item_id && !NEGATIVE.includes(event.kind)).map((event) => event.item_id));
  return neighbours.find((other) => chosen.has(other.item_id));
}

function reason(other) {
  if (!other) return el("p", {}, say("why.none"));
  return el("p", {}, say("why.near"), " ", el("b", {}, other.title || other.item_id), ` (${say("cosine")} ${number(other.score, 2)})`);
}

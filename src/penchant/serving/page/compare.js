// Two lists side by side: as it is, and as it would be under another setting.

import { el } from "./dom.js";
import { listNode, showList } from "./list.js";
import { say } from "./words.js";

const SETTINGS = {
  unsteered: { steer: null },
  variety: { rerank: ["mmr:weight=0.7"] },
  niche: { rerank: ["damped"] },
  again: { exclude_seen: false },
  chance: { explore: "epsilon:share=0.3", seed: 0 },
};

export function compareWith(chosen, choose) {
  const options = Object.keys(SETTINGS).map((word) => el("option", { value: word, selected: word === chosen }, say(`compare.${word}`)));
  const select = el("select", { id: "compare", onchange: () => choose(select.value) }, el("option", { value: "" }, say("compare.none")), options);
  return el("div", { class: "line limited" }, el("label", {}, say("compare"), select));
}

/** The second list, with how far each item has come from its place in the first; nothing where nothing is compared. */
export async function comparison(asked, answer) {
  if (!asked.against) return [];
  const first = answer.items.map((item) => item.item_id);
  const other = await asked.list(SETTINGS[asked.against]);
  const same = other.items.filter((item) => first.includes(item.item_id)).length;
  const node = listNode("other", say(`compare.${asked.against}`));
  showList(node, other.items, { mark: (item, place) => moved(first.indexOf(item.item_id), place) });
  return [el("h3", {}, say(`compare.${asked.against}`)), el("p", { class: "soft small" }, say("compare.same", { same, number: first.length })), node];
}

function moved(before, now) {
  const [text, tone] = before < 0 ? [say("compare.new"), "yes"] : before > now ? [`↑ ${before - now}`, "yes"] : before < now ? [`↓ ${now - before}`, "no"] : ["=", ""];
  return el("span", { class: `moved ${tone}` }, text);
}

// What several topics share: a part of the run that may not be there yet.

import { ask } from "./api.js";
import { el } from "./dom.js";
import { say } from "./words.js";

/** The nodes that `draw` makes of a part of the run, or those that say which command makes the part. */
export async function part(name, draw) {
  const { found, command } = await ask(`/v1/panel/${name}`);
  return found === null ? [nothing(say(`empty.${name}`), command)] : draw(found);
}

export function nothing(text, command = null) {
  return el("div", { class: "card nothing" }, el("p", {}, text), command && el("p", {}, say("make.it"), " ", el("code", {}, command)));
}

/** Names and values in a row of small tiles. */
export function tiles(values) {
  return el("dl", {}, Object.entries(values).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

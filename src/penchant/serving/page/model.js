// The view for an engineer: one topic at a time, each with the command that makes it where there is nothing yet.

import { ask } from "./api.js";
import { button, el } from "./dom.js";
import { evaluation } from "./evaluation.js";
import { experiments } from "./experiments.js";
import { events } from "./log.js";
import { map } from "./map.js";
import { quality } from "./quality.js";
import { traffic } from "./traffic.js";
import { training } from "./training.js";
import { twins } from "./twins.js";
import { versions } from "./versions.js";
import { number, say, when } from "./words.js";

const TOPICS = { quality, training, twins, evaluation, map, traffic, events, versions, experiments };

/** Shows the view in `root`; the address names the topic. Gives what ends it. */
export function modelView(root, [wanted]) {
  const topic = wanted in TOPICS ? wanted : "quality";
  const links = Object.keys(TOPICS).map((name) => el("a", { href: `#/model/${name}`, "aria-current": name === topic && "page" }, say(`topic.${name}`)));
  const body = el("div", { id: "topic", class: "topic" });
  const about = el("p", { class: "soft about", id: "about" });
  root.replaceChildren(el("h1", {}, say("view.model")), about, el("nav", { class: "topics", "aria-label": say("topics") }, links), body);
  root.querySelector("[aria-current]").scrollIntoView?.({ block: "nearest", inline: "center" });
  describe(about);
  const ending = new AbortController();
  fill(body, topic, ending.signal);
  return () => ending.abort();
}

async function describe(about) {
  try {
    const said = await ask("/v1/panel/model");
    about.textContent = say("about", { ...said, created_at: when(said.created_at), num_users: number(said.num_users), num_items: number(said.num_items), tasks: said.tasks.join(", ") });
  } catch {
    about.textContent = ""; // the topic below says what is wrong
  }
}

async function fill(body, topic, signal) {
  body.replaceChildren(el("p", { role: "status", class: "soft" }, say("loading")));
  try {
    const nodes = await TOPICS[topic](signal);
    if (!signal.aborted) body.replaceChildren(...nodes);
  } catch (error) {
    if (signal.aborted) return;
    const again = button(say("again"), () => fill(body, topic, signal));
    const text = error.status === 403 ? say("not.allowed") : error.message;
    body.replaceChildren(el("p", { role: "alert", class: "card" }, el("span", { class: "bad" }, say("failed")), " ", text, " ", again));
  }
}

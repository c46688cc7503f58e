// Two versions on the same traffic: begin, follow, end.

import { ask } from "./api.js";
import { interval } from "./charts.js";
import { button, card, el, table } from "./dom.js";
import { nothing, tiles } from "./parts.js";
import { nameOf, number, percent, say, signed } from "./words.js";

const PATH = "/v1/experiments";

export async function experiments() {
  const room = el("div", { id: "experiments" });
  const [said, { active, versions }] = await Promise.all([ask(PATH), ask("/v1/models")]);
  const others = versions.map((one) => one.number).filter((one) => one !== active);
  show(room, said, others);
  return [room];
}

function show(room, { running, results }, others) {
  const act = (body, method) => doIt(room, body, method, others);
  if (running) room.replaceChildren(about(running, results, act));
  else room.replaceChildren(nothing(say("empty.experiments")), others.length ? form(others, act) : nothing(say("experiment.one")));
}

function about(running, results, act) {
  const told = { [say("kind")]: nameOf("trial", running.kind), [say("control")]: running.control, [say("challenger")]: running.challenger, [say("experiment.share")]: percent(running.share) };
  const end = button(say("experiment.end"), () => act(undefined, "DELETE"), { id: "end" });
  return card(running.name, tiles(told), arms(results?.arms ?? {}), difference(results?.difference), agreement(results?.agreement), el("p", {}, end));
}

function arms(all) {
  const rows = Object.entries(all).map(([name, one]) => [say(name), percent(one.rate, 2), one.low == null ? "–" : `[${percent(one.low, 2)}, ${percent(one.high, 2)}]`, interval({ ...one, value: one.rate }, 0, 1)]);
  return rows.length ? table(say("experiment.rate"), [[""], [say("experiment.rate"), true], ["95 %", true], [""]], rows, { shown: true }) : el("p", { class: "soft" }, say("experiment.none"));
}

const difference = (one) => one && el("p", {}, el("b", {}, say("difference")), ` ${signed(one.value)} [${signed(one.low)}, ${signed(one.high)}]`);
const agreement = (one) => one && el("p", {}, el("b", {}, say("experiment.agreement")), ` ${number(one.overlap, 3)} [${number(one.low, 3)}, ${number(one.high, 3)}]`);

function form(others, act) {
  const name = el("input", { id: "trial-name", required: true, pattern: "[a-z0-9\\-]{1,64}", autocomplete: "off" });
  const kind = el("select", { id: "trial-kind" }, ["ab", "shadow"].map((one) => el("option", { value: one }, nameOf("trial", one))));
  const challenger = el("select", { id: "trial-challenger" }, others.map((one) => el("option", { value: one }, String(one))));
  const share = el("input", { id: "trial-share", type: "number", min: 1, max: 99, value: 50, required: true });
  const begin = (event) => {
    event.preventDefault();
    act({ name: name.value, kind: kind.value, challenger: Number(challenger.value), share: share.value / 100 }, "POST");
  };
  const fields = [["experiment.name", name], ["kind", kind], ["challenger", challenger], ["experiment.percent", share]].map(([key, field]) => el("label", {}, say(key), field));
  return card(say("experiment.new"), el("form", { class: "line", onsubmit: begin }, fields, el("button", { class: "main" }, say("experiment.begin"))));
}

async function doIt(room, body, method, others) {
  try {
    const said = await ask(PATH, body, method);
    show(room, method === "DELETE" ? { running: null, results: null } : said, others);
  } catch (error) {
    room.querySelector(".bad")?.remove();
    room.append(el("p", { role: "alert", class: "bad" }, say("failed"), " ", error.status === 403 ? say("not.allowed") : error.message));
  }
}

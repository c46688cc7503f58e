// Did learning the tasks together help each of them? From twins.json.

import { interval } from "./charts.js";
import { card, el, table } from "./dom.js";
import { part } from "./parts.js";
import { nameOf, number, percent, say, signed } from "./words.js";

const TONES = { helps: "yes", hurts: "no" };

export const twins = () => part("twins", (found) => [headline(found), verdicts(found.verdicts), differences(found.differences)]);

function headline({ verdicts: all, delta_m: gain, protocol }) {
  const of = (verdict) => all.filter((one) => one.verdict === verdict).map((one) => one.task).join(", ") || "–";
  const tone = all.some((one) => one.verdict === "hurts") ? "no" : all.some((one) => one.verdict === "helps") ? "yes" : "";
  return el("section", { class: `card headline ${tone}` },
    el("strong", {}, say("twins.headline", { helps: of("helps"), hurts: of("hurts") })),
    el("p", {}, gain?.value == null ? "" : say("twins.gain", { gain: percent(gain.value, 2) }), " ", say("twins.how", { protocol: protocol.name, seeds: protocol.seeds.length, cases: number(protocol.num_cases) })));
}

function verdicts(all) {
  const head = [[say("task")], [say("verdict")], [say("twins.advice")], [say("labels"), true]];
  const rows = all.map((one) => [one.task, el("span", { class: TONES[one.verdict] || "" }, nameOf("verdict", one.verdict)), one.advice, number(one.num_labels)]);
  return card(say("twins.verdicts"), table(say("twins.verdicts"), head, rows));
}

function differences(all) {
  const most = Math.max(...all.flatMap((one) => [Math.abs(one.low), Math.abs(one.high)]), 1e-9);
  const head = [[say("task")], [say("metric")], [say("twins.joint"), true], [say("twins.alone"), true], [say("difference"), true], [""]];
  const rows = all.map((one) => [one.task, el("span", {}, one.metric, el("small", {}, one.row)), number(one.joint, 4), number(one.twin, 4),
    el("span", {}, signed(one.value), el("small", {}, `[${signed(one.low)}, ${signed(one.high)}]`)), interval(one, -most, most)]);
  return card(say("twins.differences"), table(say("twins.differences"), head, rows));
}

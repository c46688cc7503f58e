// How good it is, beside strong simple rows, for slices of people; and whether its probabilities can be believed.

import { calibration, interval } from "./charts.js";
import { card, el, table } from "./dom.js";
import { part, tiles } from "./parts.js";
import { nameOf, number, percent, say, signed, when } from "./words.js";

const SHOWN = "ndcg@10";
const METRICS = [SHOWN, "recall@10", "mrr@10"];

export const evaluation = () => part("evaluation", (found) => [
  card(say("evaluation.protocol"), el("p", {}, found.protocol.description), tiles(about(found))),
  ranking(found), differences(found.differences), tasks(found.tasks), plots(found.calibration), costs(found.costs),
].filter(Boolean));

function about({ run, data, protocol }) {
  return {
    [say("protocol")]: protocol.name, [say("cases")]: number(protocol.num_cases), [say("events")]: number(data.num_events), [say("people")]: number(data.num_users),
    [say("items")]: number(data.num_items), [say("encoder")]: data.encoder ?? "–", [say("size")]: run.size, [say("made")]: when(run.created_at),
  };
}

/** One slice at a time; the first holds everybody. */
function ranking({ ranking: records, coverage }) {
  const slices = [...new Set(records.map((record) => record.group))];
  const room = el("div", { "aria-live": "polite" });
  const show = (slice) => room.replaceChildren(rankingTable(slice, records.filter((record) => record.group === slice), coverage));
  const select = el("select", { id: "slice", onchange: () => show(select.value) }, slices.map((slice) => el("option", { value: slice }, nameOf("slice", slice))));
  show(slices[0]);
  return card(say("evaluation.ranking"), el("div", { class: "line" }, el("label", {}, say("slice"), select)), room);
}

function rankingTable(slice, records, coverage) {
  const rows = [...Map.groupBy(records, (record) => record.row)].map(([name, some]) => ({ name, kind: some[0].kind, ...Object.fromEntries(some.map((one) => [one.metric, one])) }));
  const top = Math.max(...rows.map((row) => row[SHOWN]?.high ?? row[SHOWN]?.value ?? 0), 1e-9);
  const head = [[say("row")], ...METRICS.map((metric) => [metric.toUpperCase(), true]), [say("coverage"), true], [""]];
  const shown = Object.fromEntries(coverage.map((one) => [one.row, one.value]));
  const cells = rows.map((row) => [el("span", {}, row.name, el("small", {}, nameOf("row", row.kind))), ...METRICS.map((metric) => withInterval(row[metric])),
    percent(shown[row.name], 1), row[SHOWN] ? interval(row[SHOWN], 0, top) : ""]);
  return table(`${nameOf("slice", slice)}, ${say("cases")}: ${number(records[0]?.num_cases)}`, head, cells, { marked: (place) => rows[place].kind === "ours", shown: true });
}

function withInterval(record) {
  if (!record) return "–";
  return el("span", {}, number(record.value, 4), record.low != null && el("small", {}, `[${number(record.low, 4)}, ${number(record.high, 4)}]`));
}

function differences(records) {
  const some = records.filter((record) => record.metric === SHOWN && record.group === "all");
  if (!some.length) return null;
  const [least, most] = [Math.min(0, ...some.map((one) => one.low)), Math.max(0, ...some.map((one) => one.high))];
  const head = [[say("difference")], ["NDCG@10", true], [""]];
  const rows = some.map((one) => [one.name, el("span", {}, signed(one.value), el("small", {}, `[${signed(one.low)}, ${signed(one.high)}]`)), interval(one, least, most)]);
  return card(say("evaluation.differences"), el("p", { class: "soft small" }, say("evaluation.paired")), table(say("evaluation.differences"), head, rows));
}

function tasks(records) {
  if (!records.length) return null;
  const head = [[say("task")], [say("metric")], [say("row")], [say("value"), true], [say("labels"), true]];
  const rows = records.map((one) => [one.task, el("span", {}, one.metric, el("small", {}, say(`better.${one.direction}`))), one.row, withInterval(one), number(one.num)]);
  return card(say("evaluation.tasks"), table(say("evaluation.tasks"), head, rows));
}

function plots(records) {
  if (!records.length) return null;
  const charts = records.map((one) => calibration(one.task, one.predicted.map((value, place) => [value, one.observed[place], one.count[place]])));
  return card(say("evaluation.calibration"), el("p", { class: "soft small" }, say("evaluation.calibration.how")), el("div", { class: "grid charts" }, charts));
}

function costs(records) {
  const head = [[say("row")], [say("evaluation.fit"), true], [say("evaluation.score"), true]];
  return card(say("evaluation.costs"), table(say("evaluation.costs"), head, records.map((one) => [one.row, number(one.fit_seconds, 2), number(one.score_seconds, 3)])));
}

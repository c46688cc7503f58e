// What the data is like, from quality.json.

import { bars } from "./charts.js";
import { card, el } from "./dom.js";
import { part, tiles } from "./parts.js";
import { nameOf, number, percent, say } from "./words.js";

const NUM_LANGUAGES = 8;

export const quality = () => part("quality", (found) => [
  card(say("quality.size"), tiles(sizes(found))),
  el("div", { class: "masonry" },
    shares("quality.labels", "task", found.labels), shares("quality.items", "column", found.items_with), shares("quality.events", "column", found.events_with),
    shares("quality.cold", "cold", found.cold), counts("quality.kinds", "kind", found.kinds), ...Object.entries(found.values || {}).map(histogram),
    shares("quality.languages", "language", top(found.languages))),
  rows(found.report),
  told("quality.leaks", found.leaks), told("quality.notes", found.notes),
].filter(Boolean));

function sizes(found) {
  const range = found.time_range?.map((moment) => String(moment).slice(0, 10)).join(" – ");
  return {
    [say("events")]: number(found.num_events), [say("people")]: number(found.num_users), [say("items")]: number(found.num_items),
    [say("density")]: percent(found.density, 2), [say("repeated")]: percent(found.repeated_share, 1),
    [say("scale")]: found.rating_scale ? found.rating_scale.join(" – ") : "–", [say("range")]: found.has_clock && range ? range : "–",
  };
}

const top = (shares_ = {}) => Object.fromEntries(Object.entries(shares_).sort((one, other) => other[1] - one[1]).slice(0, NUM_LANGUAGES));

function shares(title, group, values) {
  const rows_ = Object.entries(values || {}).map(([name, value]) => ({ label: nameOf(group, name), value, text: percent(value, 1) }));
  return rows_.length ? card(say(title), bars(rows_, 1)) : null;
}

function counts(title, group, values) {
  const rows_ = Object.entries(values || {}).map(([name, value]) => ({ label: nameOf(group, name), value, text: number(value) }));
  return rows_.length ? card(say(title), bars(rows_)) : null;
}

function histogram([kind, about]) {
  const rows_ = (about.histogram || []).map(([value, count]) => ({ label: number(value, value % 1 ? 2 : 0), value: count, text: number(count) }));
  return rows_.length ? card(say("quality.values", { kind: nameOf("kind", kind) }), bars(rows_)) : null;
}

/** Rows that were read, kept and dropped of each table, with the reasons. */
function rows(report) {
  if (!report) return null;
  const lines = Object.entries(report).filter(([, one]) => one?.rows_in !== undefined).map(([name, one]) => {
    const reasons = Object.entries(one.dropped || {}).map(([reason, count]) => `${reason}: ${number(count)}`).join(", ");
    return el("li", {}, say("quality.kept", { table: nameOf("table", name), kept: number(one.rows_kept), all: number(one.rows_in) }), reasons && ` (${reasons})`);
  });
  return lines.length ? card(say("quality.rows"), el("ul", { class: "notes" }, lines)) : null;
}

function told(title, lines) {
  return lines?.length ? card(say(title), el("ul", { class: "notes" }, lines.map((line) => el("li", {}, typeof line === "string" ? line : JSON.stringify(line))))) : null;
}

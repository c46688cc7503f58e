// Live traffic, from the counters that the server keeps for Prometheus, looked at every two seconds.

import { askText } from "./api.js";
import { lines } from "./charts.js";
import { card, el } from "./dom.js";
import { nothing, tiles } from "./parts.js";
import { number, percent, say } from "./words.js";

const EVERY = 2000; // milliseconds
const KEPT = 60; // looks
const COUNTED = { requests: /_requests_total$/, events: /_events_total$/ };

export async function traffic(signal) {
  const first = await look();
  if (!first) return [nothing(say("empty.traffic"))];
  const room = el("div", { id: "traffic" });
  const looks = [first];
  show(room, looks);
  const timer = setInterval(() => next(room, looks, timer), EVERY);
  signal.addEventListener("abort", () => clearInterval(timer));
  return [room];
}

async function next(room, looks, timer) {
  const now = await look().catch(() => null);
  if (!now || !room.isConnected) return now || clearInterval(timer);
  looks.push(now);
  if (looks.length > KEPT) looks.shift();
  return show(room, looks);
}

async function look() {
  const text = await askText("/metrics").catch((error) => {
    if (error.status === 404) return null;
    throw error;
  });
  return text === null ? null : { at: Date.now(), samples: parse(text) };
}

/** The samples of Prometheus' text form: [{ name, labels, value }]. */
function parse(text) {
  return text.split("\n").map((line) => /^([a-zA-Z_:][\w:]*)(\{.*\})? (\S+)/.exec(line)).filter(Boolean)
    .map(([, name, labels, value]) => ({ name, labels: labels ?? "", value: Number(value) }));
}

const sum = (samples, name, labels = /./s) => samples.filter((one) => name.test(one.name) && (labels.source === "." || labels.test(one.labels))).reduce((all, one) => all + one.value, 0);

/** Per second, between each look and the one before it. */
function rates(looks, name) {
  return looks.slice(1).map((now, place) => {
    const before = looks[place];
    const seconds = (now.at - before.at) / 1000;
    return [Math.round((now.at - looks.at(-1).at) / 1000), Math.max(0, sum(now.samples, name) - sum(before.samples, name)) / seconds];
  });
}

function show(room, looks) {
  const { samples } = looks.at(-1);
  const [all, failed] = [sum(samples, COUNTED.requests), sum(samples, COUNTED.requests, /"5\d\d"/)];
  const last = (name) => number(rates(looks, name).at(-1)?.[1] ?? 0, 1);
  const charts = looks.length < 2 ? [el("p", { class: "soft" }, say("loading"))]
    : Object.entries(COUNTED).map(([name, pattern]) => lines(say(`traffic.${name}`), [{ name: say(`traffic.${name}`), points: rates(looks, pattern) }], { low: 0 }));
  room.replaceChildren(card(say("topic.traffic"), tiles({
    [say("traffic.requests")]: last(COUNTED.requests), [say("traffic.events")]: last(COUNTED.events),
    [say("traffic.all")]: number(all), [say("traffic.failed")]: `${number(failed)} (${percent(all ? failed / all : 0, 2)})`,
  }), el("div", { class: "grid charts" }, charts)));
}

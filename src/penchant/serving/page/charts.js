// Charts as drawings made by hand. Each is told in words too: a title for the ear, numbers on hover.

import { el, svg } from "./dom.js";
import { number } from "./words.js";

const WIDTH = 340;
const HEIGHT = 190;
const EDGE = { left: 46, right: 10, top: 8, bottom: 24 };
export const COLOURS = 8; // classes c0 ... c7 of charts.css

/** Lines over a common x. series: [{ name, points: [[x, y], ...] }]; its first eight have a colour each. low: a y that is shown too. */
export function lines(title, series, { low = null } = {}) {
  const all = series.flatMap((one) => one.points);
  const x = scale(all.map(([value]) => value), EDGE.left, WIDTH - EDGE.right);
  const shown = all.map(([, value]) => value).concat(low ?? []);
  const y = scale(shown, HEIGHT - EDGE.bottom, EDGE.top, 0.06);
  const drawn = series.map((one, place) => line(one, place, x, y));
  const legend = series.length > 1 && el("ul", { class: "legend" }, series.map((one, place) => el("li", { class: `c${place % COLOURS}` }, one.name)));
  return figure(title, drawing(title, axes(x, y), drawn), legend);
}

function line({ name, points }, place, x, y) {
  const path = points.map(([a, b], index) => `${index ? "L" : "M"}${x(a).toFixed(1)} ${y(b).toFixed(1)}`).join("");
  const dots = points.map(([a, b]) =>
    svg("circle", { cx: x(a), cy: y(b), r: 2.6 }, svg("title", {}, `${name}: ${number(b, digits(b))} (${a})`)));
  return svg("g", { class: `line c${place % COLOURS}` }, svg("path", { d: path }), dots);
}

/** Predicted against observed shares, with the line on which both agree. bins: [[predicted, observed, count], ...] */
export function calibration(title, bins) {
  const size = HEIGHT;
  const values = bins.flatMap(([predicted, observed]) => [predicted, observed]);
  const high = Math.max(...values, 1e-9) * 1.05;
  const x = scale([0, high], EDGE.left, WIDTH - EDGE.right);
  const y = scale([0, high], size - EDGE.bottom, EDGE.top);
  const most = Math.max(...bins.map(([, , count]) => count), 1);
  const dots = bins.map(([predicted, observed, count]) =>
    svg("circle", { cx: x(predicted), cy: y(observed), r: 2 + 4 * Math.sqrt(count / most) }, svg("title", {}, `${number(predicted, 3)} → ${number(observed, 3)} (${number(count)})`)));
  const ideal = svg("line", { class: "ideal", x1: x(0), y1: y(0), x2: x(high), y2: y(high) });
  return figure(title, drawing(title, axes(x, y), ideal, svg("g", { class: "dots c0" }, dots)));
}

/** Bars from the left, for few values: [{ label, value, text }]. most: what a full bar means. */
export function bars(rows, most = Math.max(...rows.map((row) => row.value), 1e-9)) {
  return el("ul", { class: "bars" }, rows.map((row) => {
    const inner = el("i");
    inner.style.setProperty("--share", `${(100 * row.value) / most}%`);
    return el("li", {}, el("span", { class: "title" }, row.label), el("span", { class: "bar", "aria-hidden": "true" }, inner), el("span", { class: "number" }, row.text));
  }));
}

/** A value with its interval, on a track that reaches from low to high. */
export function interval({ value, low, high }, from, to) {
  const x = (number_) => (100 * (number_ - from)) / Math.max(to - from, 1e-12);
  const parts = [from < 0 && svg("line", { class: "zero", x1: x(0), x2: x(0), y1: 0, y2: 14 })];
  if (low != null) parts.push(svg("line", { x1: x(low), x2: x(high), y1: 7, y2: 7 }));
  parts.push(svg("circle", { cx: x(value), cy: 7, r: 3.4 }));
  return svg("svg", { class: "interval", viewBox: "-4 0 108 14", "aria-hidden": "true" }, parts.filter(Boolean));
}

function figure(title, ...children) {
  return el("figure", {}, el("figcaption", {}, title), ...children);
}

function drawing(title, ...parts) {
  return svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": title, class: "chart" }, ...parts.flat());
}

/** From values to places; room: a share of the range left free at both ends. */
function scale(values, from, to, room = 0) {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const spread = high - low || Math.abs(high) || 1;
  const [first, last] = [low - room * spread, high === low ? low + spread : high + room * spread];
  const place = (value) => from + ((value - first) / (last - first)) * (to - from);
  return Object.assign(place, { ticks: ticks(first, last) });
}

function ticks(low, high, about = 4) {
  const rough = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  const count = Math.floor((high - low) / step + 1e-9);
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, place) => (first + place) * step).filter((value) => value <= high + step * 1e-6);
}

function axes(x, y) {
  return svg("g", { class: "axes", "aria-hidden": "true" },
    y.ticks.map((value) => svg("line", { x1: EDGE.left, x2: WIDTH - EDGE.right, y1: y(value), y2: y(value) })),
    y.ticks.map((value) => svg("text", { x: EDGE.left - 6, y: y(value) + 3.5, "text-anchor": "end" }, short(value))),
    x.ticks.map((value) => svg("text", { x: x(value), y: HEIGHT - 6, "text-anchor": "middle" }, short(value))));
}

const short = (value) => (Math.abs(value) >= 1e4 ? value.toExponential(0) : String(+value.toPrecision(3)));
const digits = (value) => (Math.abs(value) < 10 ? 4 : 1);

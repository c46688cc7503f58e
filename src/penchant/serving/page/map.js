// Items as points: near each other where the model takes them to be alike.

import { ask } from "./api.js";
import { COLOURS } from "./charts.js";
import { button, card, el, svg } from "./dom.js";
import { nothing } from "./parts.js";
import { number, percent, say } from "./words.js";

const SIZE = 640;
const EDGE = 14;
const REACH = 12; // how near the pointer has to be, in the units of the drawing

export async function map() {
  const { items, explained, total } = await ask("/v1/panel/map");
  if (!items.length) return [nothing(say("empty.map"))];
  const groups = commonest(items.map((item) => item.group));
  const points = placed(items, groups);
  const told = el("p", { class: "told", id: "told", "aria-live": "polite" }, say("map.how"));
  const drawing = draw(points, told);
  const note = say("map.note", { shown: number(items.length), total: number(total), share: percent(explained[0] + explained[1]) });
  return [card(say("topic.map"), el("p", { class: "soft small" }, note), finder(points, told), legend(groups, drawing), drawing, told)];
}

/** The names of the groups that have a colour of their own, the commonest first. */
function commonest(names) {
  const counts = [...Map.groupBy(names.filter((name) => name != null), (name) => name)].map(([name, some]) => [name, some.length]);
  return counts.sort((one, other) => other[1] - one[1]).slice(0, COLOURS).map(([name]) => name);
}

function placed(items, groups) {
  const x = along(items.map((item) => item.x));
  const y = along(items.map((item) => -item.y)); // upwards
  return items.map((item) => {
    const [left, top, colour] = [x(item.x), y(-item.y), groups.indexOf(item.group)];
    const node = svg("circle", { cx: left.toFixed(1), cy: top.toFixed(1), r: 3.2, class: colour < 0 ? "rest" : `c${colour}` });
    return { item, node, x: left, y: top };
  });
}

/** From values to places on the drawing. */
function along(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return (value) => EDGE + ((value - low) / (high - low || 1)) * (SIZE - 2 * EDGE);
}

function draw(points, told) {
  const drawing = svg("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, class: "map", role: "img", "aria-label": say("topic.map") }, points.map((point) => point.node));
  drawing.addEventListener("pointermove", (event) => {
    const nearest = near(points, drawing, event);
    if (nearest) point(points, [nearest], told);
  });
  return drawing;
}

function near(points, drawing, event) {
  const box = drawing.getBoundingClientRect();
  const [x, y] = [((event.clientX - box.left) * SIZE) / box.width, ((event.clientY - box.top) * SIZE) / box.height];
  const far = (one) => Math.hypot(one.x - x, one.y - y);
  const best = points.reduce((one, other) => (far(other) < far(one) ? other : one));
  return far(best) <= REACH ? best : null;
}

/** Marks some points, and tells what the first is. */
function point(points, chosen, told) {
  for (const one of points) one.node.classList.toggle("chosen", chosen.includes(one));
  const [first] = chosen;
  told.textContent = first ? `${first.item.title || first.item.item_id}${first.item.group ? ` · ${first.item.group}` : ""}${chosen.length > 1 ? ` (+${chosen.length - 1})` : ""}` : say("map.none");
}

function finder(points, told) {
  const field = el("input", { id: "find", type: "search", autocomplete: "off" });
  field.addEventListener("input", () => {
    const text = field.value.trim().toLowerCase();
    const found = text ? points.filter(({ item }) => `${item.title ?? ""} ${item.item_id}`.toLowerCase().includes(text)) : [];
    if (text) point(points, found, told);
  });
  return el("div", { class: "line" }, el("label", {}, say("map.find"), field));
}

/** A press leaves the points of one group alone in colour. */
function legend(groups, drawing) {
  const press = (place) => {
    const alone = drawing.dataset.only === String(place) ? "" : String(place);
    drawing.dataset.only = alone;
    for (const [index, one] of buttons.entries()) one.setAttribute("aria-pressed", String(alone === String(index)));
  };
  const buttons = groups.map((name, place) => button(name, () => press(place), { class: `chip dot c${place}`, "aria-pressed": "false" }));
  return el("div", { class: "chips" }, buttons);
}

// How the network learned: losses and scores by epoch, the tasks' weights, and whether their gradients agree.

import { lines } from "./charts.js";
import { card, el } from "./dom.js";
import { part, tiles } from "./parts.js";
import { number, say } from "./words.js";

const KINDS = ["weight", "cosine", "norm", "load"];

export const training = () => part("training", ({ run, training: found }) => [
  card(say("training.run"), tiles({
    [say("size")]: run.size, [say("seed")]: run.seed, [say("epochs")]: found.epochs ?? "–", [say("seconds")]: number(found.seconds, 1),
    [say("speed")]: number(found.positions_per_second), [say("memory")]: `${number(found.peak_memory_mib)} MiB`,
  })),
  curves(say("training.valid"), found.curves.filter((point) => point.split === "valid")),
  curves(say("training.loss"), found.curves.filter((point) => point.split === "train")),
  ...KINDS.map((kind) => sharing(kind, (found.sharing || []).filter((point) => point.kind === kind))),
].filter(Boolean));

/** One small chart for each name: their units differ. */
function curves(title, points) {
  const charts = byName(points, "name").map((series) => lines(series.name, [series]));
  return charts.length ? card(title, el("div", { class: "grid charts" }, charts)) : null;
}

function sharing(kind, points) {
  if (!points.length) return null;
  return card(say(`training.${kind}`), el("p", { class: "soft small" }, say(`training.${kind}.how`)), el("div", { class: "grid charts" }, groups(kind, byName(points, "of"))));
}

/** The load of experts is one chart a task; the rest is one chart for all. */
function groups(kind, series) {
  if (kind !== "load") return [lines(say(`training.${kind}`), series)];
  const tasks = Map.groupBy(series, (one) => one.name.split(", ")[0]);
  return [...tasks].map(([task, some]) => lines(task, some.map((one) => ({ ...one, name: one.name.split(", ")[1] ?? one.name }))));
}

function byName(points, key) {
  return [...Map.groupBy(points, (point) => point[key])].map(([name, some]) => ({ name, points: some.map((point) => [point.epoch, point.value]) }));
}

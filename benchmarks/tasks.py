"""What the heads of the tasks are worth on real data: later rows, beside what needs no network.

    PENCHANT_DATA=path/to/data python benchmarks/tasks.py {mind,retailrocket,steam,reviews} [--seeds 0 1 2] [--folder FOLDER]
        [--beside TASK ...] [--control]

Choices are made on valid, everything is learned anew on train and valid, and the test is asked with what was known before it
(global time 80/10/10, or, without a clock, everybody's last events by their order). Intervals are over people, of the mean
over seeds. `told alone` is what the head is told beforehand, with no network. AUC by list: the mean of those of each person and
time, where some were taken and some left. `reviews` asks `penchant reviews train` about the same rows.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from penchant.data.read import read
from penchant.data.split import Split, global_time
from penchant.evaluation.prediction import auc
from penchant.evaluation.significance import clustered_interval
from penchant.ranking.calibrate import Calibration
from penchant.ranking.network_source import NetworkSource
from penchant.records.data import Data
from penchant.records.events import Events
from penchant.stages.config import resolve_config
from penchant.stages.encode import Encoded, encode
from penchant.stages.fitting import FittedNetwork, best_epoch, calibrate, fit_network, make_tasks, refitted
from penchant.stages.later import in_units, later_answers, later_rows, score_of
from penchant.stages.measures import MEASURES
from penchant.stages.review_rows import read_reviews, split_rows
from penchant.stages.reviews import train_reviews
from penchant.tasks.tables import TABLES, Asked
from penchant.tasks.task import Task

DATA = Path(os.environ.get("PENCHANT_DATA", "data"))
NUM_RESAMPLES = 300
CUT_SHORT = {"epochs": 5, "num_positions": 4096}
"""Of the tables with many rows; a small one needs the default's many small steps."""
NUM_REVIEWS, NUM_PLAYERS = 6000, 3000
BY_LIST = "AUC by list"
SMOOTHING = 20.0
"""So many rows of the mean are added to those of each item."""


def mind() -> Data:
    """News shown to some people and clicked; each person's clicks before the log stand before it, in their order."""
    shown = pl.read_parquet(DATA / "mind_sample" / "interactions.parquet").rename({"event_type": "kind"})
    logs = pl.read_parquet(DATA / "mind_sample" / "histories.parquet")
    first = (
        logs.with_columns(at=pl.col("time").str.to_datetime("%m/%d/%Y %I:%M:%S %p"))
        .sort("at")
        .unique("user_id", keep="first")
    )
    first = first.filter(pl.col("history").list.len() > 0).sort("user_id")
    age = pl.col("history").list.len() - pl.int_ranges(pl.col("history").list.len())
    start = int(shown["timestamp"].min())  # type: ignore[arg-type]
    before = first.with_columns(age=age).explode("history", "age")
    before = before.select(
        "user_id", item_id="history", timestamp=start - pl.col("age").cast(pl.Int64), kind=pl.lit("click")
    )
    events = pl.concat([before, shown.select("user_id", "item_id", "timestamp", "kind")])
    return read(events, items=pl.read_parquet(DATA / "mind_sample" / "items.parquet").drop("url"))


def retailrocket() -> Data:
    """What people view, put in the cart and buy, item after item in an order drawn by chance: in the file everybody's views
    stand first, in the order of the items' numbers, and all that is bought stands last."""
    shop = pl.read_parquet(DATA / "retailrocket" / "interactions.parquet")
    step = pl.col("event_type").replace_strict({"view": 0, "add_to_cart": 1, "purchase": 2})
    turns = shop.select("user_id", "item_id").unique(maintain_order=True)
    turns = turns.with_columns(turn=pl.int_range(len(turns)).shuffle(seed=0))
    shop = shop.join(turns, on=["user_id", "item_id"]).sort("turn", step, maintain_order=True)
    return read(shop.drop("turn"))


def steam() -> Data:
    """What some people play, in an order drawn by chance: in the file everybody's plays go from the longest to the shortest."""
    played = pl.read_parquet(DATA / "steam_200k" / "interactions.parquet")
    people = played["user_id"].unique().sort().sample(NUM_PLAYERS, seed=0)
    played = played.filter(pl.col("user_id").is_in(people.to_list()))
    return read(
        played.sample(fraction=1.0, shuffle=True, seed=0),
        items=pl.read_parquet(DATA / "steam_200k" / "items.parquet"),
        columns={"value": "hours"},
    )


def by_order(events: Events, shares: tuple[float, float] = (0.8, 0.9)) -> Split:
    """Each person's first 80%, the next 10% and the rest, by their order."""
    order, ptr = events.grouped(int(events.user_rows.max()) + 1)
    places = np.empty(len(events))
    lengths = np.diff(ptr)
    places[order] = (np.arange(len(events)) - np.repeat(ptr[:-1], lengths)) / np.repeat(np.maximum(lengths, 1), lengths)
    return Split(train=places < shares[0], valid=(places >= shares[0]) & (places < shares[1]), test=places >= shares[1])


def fitted(
    encoded: Encoded, split: Split, name: str, seed: int, others: Sequence[str] = ()
) -> tuple[FittedNetwork, dict[str, Calibration]]:
    """The task, and others that are learned beside it: epochs and calibration are chosen on valid, then everything is learned
    anew."""
    config = resolve_config("tiny", seed, **({} if name == "purchase" else CUT_SHORT))
    tasks = make_tasks([name, *others], encoded)
    past, later = encoded.events.take(split.train), encoded.events.take(split.valid)

    def scores(source: NetworkSource, learned: Sequence[Task]) -> dict[str, float]:
        return {name: score_of(learned[0], later_answers(source, learned[:1], past, later, encoded)[name])}

    first = fit_network(past, encoded, tasks, config, validate=scores)
    calibrations = calibrate(first.source, first.tasks[:1], past, later, encoded)
    config = replace(config, training=replace(config.training, epochs=best_epoch(first.trained)))
    final = fit_network(encoded.events.take(split.train | split.valid), encoded, tasks, config)
    return final, refitted(calibrations, final.source, final.tasks[:1])


def shuffled(encoded: Encoded, seed: int = 0) -> Encoded:
    """Each item with the text of another."""
    order = np.random.default_rng(seed).permutation(len(encoded.item_vectors))
    return replace(encoded, item_vectors=encoded.item_vectors[order])


def by_item(task: Task, encoded: Encoded, past: Events, asked: Asked) -> np.ndarray:
    """The mean label of the item's earlier rows, drawn to the mean of all; float64 (A,)."""
    earlier = TABLES[task.table](past)
    labels = task.labels(earlier, encoded.facts)
    rows = ~np.isnan(labels).any(axis=1) & (earlier.events.item_rows >= 0)
    targets, items = task.targets(labels[rows]), earlier.events.item_rows[rows]
    num_items = len(encoded.items)
    sums = np.bincount(items, targets, num_items) + SMOOTHING * targets.mean()
    return np.asarray((sums / (np.bincount(items, minlength=num_items) + SMOOTHING))[asked.events.item_rows])


def popularity(encoded: Encoded, past: Events, asked: Asked) -> np.ndarray:
    """How many turned to the item before, float64 (A,)."""
    items = past.item_rows[past.speak_for_items]
    return np.bincount(items, minlength=len(encoded.items))[asked.events.item_rows].astype(np.float64)


def compare(
    read_data: Callable[[], Data], name: str, seeds: Sequence[int], others: Sequence[str], *, control: bool
) -> None:
    """Prints every metric of every row with its interval, and the network's difference to every other."""
    encoded = encode(read_data())
    split = global_time(encoded.events) if encoded.data.has_clock else by_order(encoded.events)
    past, later = encoded.events.take(split.train | split.valid), encoded.events.take(split.test)
    outputs: dict[str, list[np.ndarray]] = {}
    began = time.process_time()
    for way, tables in {"network": encoded, **({"texts shuffled": shuffled(encoded)} if control else {})}.items():
        for seed in seeds:
            final, calibrations = fitted(tables, split, name, seed, others)
            task, calibration = final.tasks[0], calibrations[name]
            answers = later_answers(final.source, [task], past, later, tables)[name]
            values = calibration(answers.outputs, answers.offsets)
            outputs.setdefault(way, []).append(calibration.in_units(values))
    asked = later_rows(task.table, past, later)
    labels = task.labels(asked, encoded.facts)
    kept = ~np.isnan(labels).any(axis=1) & (asked.events.item_rows >= 0)
    asked, targets = asked.take(kept), task.targets(labels[kept]).astype(np.float64)
    own = by_item(task, encoded, past, asked)
    earlier = task.labels(TABLES[task.table](past), encoded.facts)
    mean = np.full(len(targets), np.nanmean(task.targets(earlier)))
    told = final.source.told[name].alone(answers.offsets[:, :2])
    rows = {"told alone": in_units(task, told), "item's mean": in_units(task, own), "constant": in_units(task, mean)}
    said = {way: np.mean(values, axis=0) for way, values in outputs.items()} | rows
    truth, users = in_units(task, targets), asked.events.user_rows
    print(
        f"{len(targets)} rows of {len(np.unique(users))} people, mean {truth.mean():.4f}, {time.process_time() - began:.0f} CPU s"
    )
    for way, values in said.items():
        for metric in task.metrics:
            show(way, metric, truth, values, users)
    if "auc" in task.metrics:
        show("popularity", "auc", truth, popularity(encoded, past, asked), users)
    for way, of_seeds in outputs.items():
        for metric in task.metrics:
            print(
                f"{way} by seed | {metric} | ",
                *(f"{MEASURES[metric](truth, v, np.ones(len(truth))):.4f}" for v in of_seeds),
            )
    for other in [way for way in said if way != "network"]:
        for metric in task.metrics[:2]:
            difference(said["network"], said[other], metric, f"network minus {other}", truth, users)
    if task.table == "impressions":
        by_list(said, truth, asked.events)


def by_list(said: dict[str, np.ndarray], truth: np.ndarray, events: Events) -> None:
    """Each row's AUC within the lists that were shown, and the network's difference to it."""
    lists = np.unique(np.stack([events.user_rows, events.timestamps]), axis=1, return_inverse=True)[1].ravel()
    order = np.argsort(lists, kind="stable")
    parts = [rows for rows in np.split(order, np.flatnonzero(np.diff(lists[order])) + 1) if 0 < truth[rows].mean() < 1]
    owners = np.array([events.user_rows[rows[0]] for rows in parts])
    people, places = np.unique(owners, return_inverse=True)
    draws = np.random.default_rng(0).integers(0, len(people), (NUM_RESAMPLES, len(people)))
    times = np.stack([np.bincount(drawn, minlength=len(people))[places] for drawn in draws])
    found = {way: np.array([auc(truth[rows], values[rows]) for rows in parts]) for way, values in said.items()}
    print(f"{len(parts)} lists of {len(people)} people")
    for way, values in found.items():
        for name, numbers in {way: values, f"network minus {way}": found["network"] - values}.items():
            low, high = np.quantile(times @ numbers / times.sum(axis=1), [0.025, 0.975])
            print(f"{name} | {BY_LIST} | {numbers.mean():+.4f} [{low:+.4f}, {high:+.4f}]")


def show(way: str, metric: str, truth: np.ndarray, values: np.ndarray, users: np.ndarray) -> None:
    value = MEASURES[metric](truth, values, np.ones(len(truth)))
    low, high = clustered_interval(MEASURES[metric], truth, values, users, num_resamples=NUM_RESAMPLES)
    print(f"{way} | {metric} | {value:.4f} [{low:.4f}, {high:.4f}]")


def difference(
    ours: np.ndarray, theirs: np.ndarray, metric: str, name: str, truth: np.ndarray, users: np.ndarray
) -> None:
    """The same people are drawn on both sides."""
    places, owners = np.unique(users, return_inverse=True)
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(NUM_RESAMPLES):
        times = np.bincount(rng.integers(0, len(places), len(places)), minlength=len(places))[owners]
        one, other = (MEASURES[metric](truth, values, times) for values in (ours, theirs))
        if one is not None and other is not None:
            drawn.append(one - other)
    low, high = np.quantile(drawn, [0.025, 0.975])
    whole = [MEASURES[metric](truth, values, np.ones(len(truth))) for values in (ours, theirs)]
    assert whole[0] is not None
    assert whole[1] is not None
    print(f"{name} | {metric} | {whole[0] - whole[1]:+.4f} [{low:+.4f}, {high:+.4f}]")


def reviews(seeds: Sequence[int], folder: Path) -> None:
    """The head of the task on texts and their ratings alone, and `penchant reviews train`, on the same rows."""
    table = pl.read_parquet(DATA / "zh_reviews" / "reviews.parquet").unique("review", keep="none", maintain_order=True)
    table = table.sample(NUM_REVIEWS, seed=0, shuffle=True)
    folder.mkdir(parents=True, exist_ok=True)
    table.write_csv(folder / "reviews.csv")
    rows = read_reviews(folder / "reviews.csv", {})
    events = [
        {"user_id": str(row), "item_id": "shop", "text": text, "value": 5.0 if label == "1" else 1.0, "kind": "review"}
        for row, (text, label) in enumerate(zip(rows.texts, rows.labels, strict=True))
    ]
    encoded = encode(read(events, rating_scale=(1.0, 5.0)))
    own = np.array([int(user) for user in encoded.users.ids(encoded.events.user_rows)])
    for seed in seeds:
        told = train_reviews(folder / "reviews.csv", folder / "model", seed=seed)["metrics"]
        print(f"seed {seed} | penchant reviews train |", told["num_rows"], told["accuracy"], told["macro_f1"])
        train, valid, test = (mask[own] for mask in split_rows(rows, seed))
        split = Split(train=train, valid=valid, test=test)
        final, calibrations = fitted(encoded, split, "sentiment", seed)
        past, later = encoded.events.take(split.train | split.valid), encoded.events.take(split.test)
        answers = later_answers(final.source, final.tasks, past, later, encoded)["sentiment"]
        chances = calibrations["sentiment"](answers.outputs, answers.offsets)
        for metric in ("accuracy", "macro_f1"):
            show(f"seed {seed} | head", metric, answers.labels[:, 0], chances, answers.user_rows)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["mind", "retailrocket", "steam", "reviews"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "penchant_tasks")
    parser.add_argument(
        "--beside", nargs="+", default=[], help="tasks that are learned beside the one that is asked about"
    )
    parser.add_argument("--control", action="store_true", help="also with the texts of the items shuffled")
    options = parser.parse_args()
    if options.what == "mind":
        compare(mind, "click", options.seeds, options.beside, control=options.control)
    elif options.what == "retailrocket":
        compare(retailrocket, "purchase", options.seeds, options.beside, control=False)
    elif options.what == "steam":
        compare(steam, "dwell", options.seeds, options.beside, control=options.control)
    else:
        reviews(options.seeds, options.folder)


if __name__ == "__main__":
    main()

"""A run learned anew with what happened since, and judged against the model in charge on the newest events. In a process of its
own: `python -m penchant.stages.retrain`, a JSON order on stdin, the verdict on stdout.

It learns from scratch, with the settings of the model in charge: a network that goes on from old weights keeps what people have
stopped doing. Knows no log: the news come as a table.
"""

import json
import os
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from penchant.evaluation.significance import paired_difference
from penchant.records.data import Data
from penchant.records.words import EVENT_COLUMNS, ITEM_COLUMNS, USER_COLUMNS
from penchant.stages.assemble import choose_inside, fit_encoded, held_out, load
from penchant.stages.config import Config, resolve_config
from penchant.stages.encode import Encoded, encode
from penchant.stages.fitting import Choice, make_tasks, refit
from penchant.stages.model import Model
from penchant.stages.prepare import read_data
from penchant.stages.protocols import make_cases

K = 10
NEWEST, MOST_PEOPLE, FEWEST_PEOPLE = 0.1, 2000, 20
"""Share of the events, newest last, that judge; people who are asked at most, and at least."""
SMALL, TOLERANCE = 0.02, 0.1
"""Shares of what it is now: less of a loss is none, for what is judged has not seen the newest events, and what is put in charge
has; more of it is one even where chance may have done it."""


def retrain(
    run: Path, charge: Path, news: Path, out: Path, *, num_known: int = 0, forgotten: Collection[str] = ()
) -> dict[str, Any]:
    """Learns from `run/data` and the news, and writes `out/model` and `out/state` if the result is not worse; the verdict.

    charge: the version in charge. news: a folder with events.parquet, in the order of the log, of which the version in charge
    knows the first `num_known`; and items.json, what was told of items. forgotten: people of `run/data` who are left out.
    Raises: ArtifactError where something is missing or damaged.
    """
    events, items = pl.read_parquet(news / "events.parquet"), json.loads((news / "items.json").read_text("utf-8"))
    if len(events) <= num_known:
        return {"accepted": False, "reason": "Nothing has happened since the model in charge learned."}
    model = load(charge, frame="records")
    data = with_news(read_data(run), events, items, forgotten)
    encoded, config = _read_alike(data, model), config_of(model.about)
    since = _since(data.events, with_news_times(data, events[num_known:]))
    past = encoded.events.timestamps < since
    choice, ours = _fit_on(encoded, past, config, model.about["tasks"])
    verdict = judge(ours, model, encoded, past, since)
    if verdict["accepted"]:
        fit_encoded(encoded, config, model.about["tasks"], choice=choice).save(out)
    return verdict


def with_news(
    data: Data, events: pl.DataFrame, items: Sequence[Mapping[str, Any]] = (), forgotten: Collection[str] = ()
) -> Data:
    """The data and what came later, in order of time; an item that was told of anew keeps what was not said again."""
    rows = {row["item_id"]: row for row in data.items.to_dicts()}
    for item in items:
        said = {name: value for name, value in item.items() if value is not None and name in ITEM_COLUMNS}
        rows[item["item_id"]] = {**rows.get(item["item_id"], {}), **said}
    known = pl.col("item_id").is_null() | pl.col("item_id").is_in(list(rows))
    new = with_news_times(data, events.filter(known)).with_columns(pl.lit(None, pl.UInt32).alias("was"))
    old = data.events.with_row_index("was").filter(~pl.col("user_id").is_in(list(forgotten)))
    both = pl.concat([old.select(new.columns), new]).sort("timestamp", maintain_order=True)
    strangers = set(new["user_id"].unique().to_list()) - set(data.users["user_id"].to_list())
    users = pl.concat(
        [data.users, pl.DataFrame([{"user_id": each} for each in sorted(strangers)], schema=USER_COLUMNS)]
    )
    return replace(
        data,
        events=both.drop("was"),
        items=pl.DataFrame(list(rows.values()), schema=ITEM_COLUMNS),
        users=users.filter(
            ~pl.col("user_id").is_in(list(forgotten)) | pl.col("user_id").is_in(new["user_id"].implode())
        ),
        weights=_moved(data.weights, both["was"]),
        parts=None,
    )


def with_news_times(data: Data, events: pl.DataFrame) -> pl.DataFrame:
    """News in our columns; where times are only an order they come after everything else, in theirs."""
    events = events.select(list(EVENT_COLUMNS))
    if data.has_clock:
        return events
    last = int(data.events["timestamp"].max() or 0)  # type: ignore[arg-type]
    return events.with_columns((last + 1 + pl.int_range(pl.len())).alias("timestamp"))


def _moved(weights: pl.DataFrame | None, was: pl.Series) -> pl.DataFrame | None:
    """Weights of rows, where these are now. was: the old row of each, null of new ones."""
    if weights is None:
        return None
    moved = pl.DataFrame({"old": was, "now": np.arange(len(was), dtype=np.uint32)}).drop_nulls()
    found = weights.join(moved, left_on="row", right_on="old", how="inner").drop("row").rename({"now": "row"})
    return found.select(weights.columns).sort("row")


def config_of(about: Mapping[str, Any]) -> Config:
    """The settings that a model was learned with."""
    told = dict(about["config"])
    options = {**told.pop("network"), **told.pop("training"), **told}
    return resolve_config(options.pop("size"), options.pop("seed"), **options)


def _read_alike(data: Data, model: Model) -> Encoded:
    reader = model.reader
    cutting = reader.chosen.cutting
    return encode(
        data,
        reader.chosen.word,
        reader.scrub,
        reader.join,
        script=reader.script,
        cutting=cutting,
        pictures=reader.pictures,
    )


def _since(events: pl.DataFrame, unknown: pl.DataFrame) -> int:
    """From when on events judge: the newest tenth, and none before the first that the model in charge does not know."""
    tenth = events["timestamp"].quantile(1 - NEWEST, "higher")
    return max(int(tenth or 0), int(unknown["timestamp"].min() or 0))  # type: ignore[arg-type]


def _fit_on(encoded: Encoded, past: np.ndarray, config: Config, tasks: Sequence[str]) -> tuple[Choice, Model]:
    """What is chosen and learned from the past alone: nothing that judges was seen."""
    before = replace(encoded, events=encoded.events.take(past))
    held = held_out(before)
    made = make_tasks(tasks, before, before.events.take(~held))
    choice = choose_inside(before, held, config, made, (), None)
    fitted = refit(before.events, before, made, config, choice)
    about = {"has_clock": encoded.data.has_clock, "columns": {}}
    events = encoded.data.events.clear()
    model = Model(
        recommender=fitted.recommender,
        items=encoded.data.items,
        events=events,
        reader=fitted.encoded.reader,
        about=about,
        frame="records",
    )
    return choice, model


def judge(ours: Model, charge: Model, encoded: Encoded, past: np.ndarray, since: int) -> dict[str, Any]:
    """NDCG@10 of both on what the same people did from `since` on, by the same past; worse is refused.

    Worse: a tenth less of what it is now; or a fiftieth, and the interval of the paired difference lies below 0.
    """
    cases = make_cases(encoded, "global-time", past, ~past)
    if len(cases) < FEWEST_PEOPLE:
        reason = f"In the newest tenth of the events {len(cases)} people did something new; {FEWEST_PEOPLE} are needed to judge."
        return {"accepted": False, "reason": reason, "num_people": len(cases)}
    chosen = np.random.default_rng(0).permutation(len(cases))[:MOST_PEOPLE]
    cases = cases.select(np.sort(chosen))
    people = encoded.users.ids(cases.user_rows.tolist())
    owners = np.split(cases.relevant_rows, cases.relevant_ptr[1:-1])
    wanted = [set(encoded.items.ids(rows.tolist())) for rows in owners]
    known = encoded.data.events.filter(pl.col("timestamp") < since)
    new = [row for row in encoded.data.items.to_dicts() if row["item_id"] not in charge.asking.rows]
    charge.added.put([_told(row) for row in new])
    theirs = _ndcg(charge, people, wanted, known)
    scores = _ndcg(ours, people, wanted, known)
    found = paired_difference(scores, theirs)
    now = float(theirs.mean())
    worse = found.value < -TOLERANCE * now or (found.high < 0 and found.value < -SMALL * now)
    told = {"ndcg@10": float(scores.mean()), "in_charge": now, "num_people": len(people)}
    told |= {"difference": found.value, "low": found.low, "high": found.high}
    reason = "It is worse than the model in charge." if worse else "It is not worse than the model in charge."
    return {"accepted": not worse, "reason": reason, **told}


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the catalogue as somebody would tell of the item."""
    return {name: row[name] for name in ("item_id", "title", "description", "tags") if row[name] is not None}


def _ndcg(model: Model, people: Sequence[str], wanted: Sequence[set[str]], known: pl.DataFrame) -> np.ndarray:
    """NDCG@10 of each person, float64 (P,)."""
    model.events = known
    lists: dict[str, list[str]] = {person: [] for person in people}
    for row in model.recommend(people, k=K):
        lists[row["user_id"]].append(row["item_id"])
    discounts = 1 / np.log2(np.arange(2, K + 2))
    gains = []
    for person, relevant in zip(people, wanted, strict=True):
        hits = [discount for item, discount in zip(lists[person], discounts, strict=False) if item in relevant]
        gains.append(sum(hits) / discounts[: len(relevant)].sum())
    return np.array(gains)


def main() -> None:
    """What a server orders: with little priority, on one core, so that those who ask don't notice."""
    import torch

    os.nice(10)
    torch.set_num_threads(1)
    order = json.load(sys.stdin)
    places = [Path(order.pop(name)) for name in ("run", "charge", "news", "out")]
    json.dump(retrain(*places, **order), sys.stdout)


if __name__ == "__main__":
    main()

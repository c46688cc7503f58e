"""What a model must not see before it is asked: findings about tables and splits, named row by row. Nothing is removed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from penchant.data.infer import plain
from penchant.data.split import Split
from penchant.data.synonyms import FUTURE
from penchant.records.data import Data
from penchant.records.errors import LeakError
from penchant.records.events import Events
from penchant.records.words import KINDS, RATING_KINDS

MIN_CHARS = 40
"""Texts below are too common to be somebody's own words."""
MIN_ITEMS = 50
MIN_CORRELATION = 0.5
SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Leak:
    """A finding: which rule, how many rows, the first of them by name, and what to do."""

    rule: str
    num_rows: int
    rows: tuple[str, ...]
    remedy: str

    def __str__(self) -> str:
        more = ", ..." if self.num_rows > len(self.rows) else ""
        return f"{self.rule}: {self.num_rows} rows ({', '.join(self.rows)}{more}). {self.remedy}"


def check(leaks: Sequence[Leak], *, allow_leaks: bool = False) -> list[dict[str, Any]]:
    """The leaks for the report. Raises LeakError about them unless they are allowed."""
    if leaks and not allow_leaks:
        found = "\n".join(f"  {leak}" for leak in leaks)
        raise LeakError(
            f"A model must not see what it is asked about, but:\n{found}\n"
            "To go on in spite of it, and have the report say so: allow_leaks=True (--allow-leaks)."
        )
    return [asdict(leak) for leak in leaks]


def leaks_in(data: Data) -> list[Leak]:
    """What the tables themselves give away, before any split."""
    attributes = _attributes(data.items)
    return [*future_names(data.items, attributes), *future_values(data, attributes), *own_words(data), *own_items(data)]


def leaks_across(events: Events, split: Split, *, by_time: bool, has_clock: bool = True) -> list[Leak]:
    """What a split gives away. by_time: nothing that is fitted on may be later than the test (the global time split).

    has_clock: times tell whether two events are one.
    """
    return [*shared_events(events, split, has_clock=has_clock), *(late_training(events, split) if by_time else [])]


def future_names(items: pl.DataFrame, attributes: dict[str, list[Any]]) -> Iterator[Leak]:
    """Columns of items that are counted over all times by their name: average rating, also bought, sales rank."""
    for name, values in attributes.items():
        rows = [row for row, value in enumerate(values) if value not in (None, "", [], {})]
        if plain(name) in FUTURE and rows:
            yield _leak_of_column(items, name, rows, f"{name!r} of the items sums up what people did, at all times")


def future_values(data: Data, attributes: dict[str, list[Any]]) -> Iterator[Leak]:
    """Numbers of items that follow what all events say, beyond what is said before the newest fifth of them.

    Measured as the partial rank correlation with the final number of events, and with the final mean rating: a figure
    of the past has none, one that is taken over all times has 1.
    """
    read = {name: np.array([_number(value) for value in values]) for name, values in attributes.items()}
    asked = {name: numbers for name, numbers in read.items() if plain(name) not in FUTURE}
    for name, (known, why) in following(data, asked).items():
        yield _leak_of_column(data.items, name, known.tolist(), f"{name!r} of the items follows their final {why}")


def following(data: Data, columns: Mapping[str, np.ndarray]) -> dict[str, tuple[np.ndarray, str]]:
    """Those of the numbers of items, float (I,) each, that follow what all events say: the rows with a number, and why."""
    asked = {name: numbers for name, numbers in columns.items() if not np.isnan(numbers).all()}
    if not asked:
        return {}
    found = {}
    past, final = _per_item(data, slice(None, _cut(data))), _per_item(data, slice(None))
    for name, numbers in asked.items():
        for what in ("number of events", "mean rating"):
            known = ~np.isnan(numbers) & ~np.isnan(past[what]) & ~np.isnan(final[what])
            same = _partial_correlation(numbers[known], final[what][known], past[what][known])
            if known.sum() >= MIN_ITEMS and abs(same) >= MIN_CORRELATION:
                found[name] = np.flatnonzero(known), f"{what} (partial rank correlation {same:.2f})"
                break
    return found


def own_words(data: Data) -> Iterator[Leak]:
    """Texts of events that stand in the description of their own item, or in the profile of their own person."""
    if not data.events["text"].count():
        return
    spoken = data.events.select("user_id", "item_id", text=_folded(pl.col("text").cast(pl.String)))
    spoken = spoken.with_row_index("row", offset=1).filter(pl.col("text").str.len_chars() >= MIN_CHARS)
    if spoken.is_empty():
        return
    places = (
        (data.items, "item_id", "title"),
        (data.items, "item_id", "description"),
        (data.users, "user_id", "profile"),
    )
    for table, key, word in places:
        told = table.select(pl.col(key), told=_folded(pl.col(word))).drop_nulls()
        both = spoken.with_columns(pl.col(key).cast(pl.String)).join(told, on=key)
        rows = both.filter(pl.col("told").str.contains(pl.col("text"), literal=True))["row"].to_list()
        if rows:
            yield _leak(
                f"the text of an event stands in the {word} that it is asked with",
                [f"event {row}" for row in rows],
                f"Take it out of the {word}, or drop that column.",
            )


def own_items(data: Data) -> Iterator[Leak]:
    """Columns of people that name items which they met only later, for half of the people or more (at least ten)."""
    attributes = _attributes(data.users)
    if not attributes:
        return
    later = data.events[_cut(data) :].select(pl.col("user_id", "item_id").cast(pl.String)).drop_nulls().unique()
    for name, values in attributes.items():
        told = pl.DataFrame(
            {"user_id": data.users["user_id"], "item_id": [None if v is None else str(v) for v in values]}
        )
        told = told.drop_nulls()
        hits = told.join(later, on=["user_id", "item_id"], how="semi")
        asked = told.join(later.select("user_id").unique(), on="user_id", how="semi")
        if hits.height >= 10 and hits.height >= 0.5 * asked.height:
            yield _leak(
                f"{name!r} of the users names items that they met only later",
                [f"user {row}" for row in hits["user_id"].to_list()],
                _drop(name),
            )


def shared_events(events: Events, split: Split, *, has_clock: bool = True) -> Iterator[Leak]:
    """Test events that were fitted on: the same person, item, kind, rating and time; where times are only an order, also the
    same rating of the same item."""
    fitted = split.before_test(events)
    rating = np.isin(events.kinds, [KINDS.index(kind) for kind in RATING_KINDS]) & ~np.isnan(events.values)
    # Somebody may play a song again, or think again of a film: only at the very same time is it the same event.
    moment = events.timestamps if has_clock else np.where(rating, 0, events.timestamps)
    value = np.where(rating, events.values, 0)
    table = pl.DataFrame(
        {"user": events.user_rows, "item": events.item_rows, "kind": events.kinds, "time": moment, "value": value}
    )
    seen = table.filter(pl.Series(fitted)).unique()
    both = table.with_row_index("row", offset=1).filter(pl.Series(split.test)).join(seen, on=table.columns, how="semi")
    if both.height:
        yield _leak(
            "the same event is in training and in the test",
            [f"event {row}" for row in both["row"].to_list()],
            "Remove the duplicates, or split by time.",
        )


def late_training(events: Events, split: Split) -> Iterator[Leak]:
    """Events that are fitted on although they are not earlier than the first one of the test."""
    if not split.test.any():
        return
    fitted = split.before_test(events)
    rows = np.flatnonzero(fitted & (events.timestamps >= events.timestamps[split.test].min()))
    if len(rows):
        yield _leak(
            "events of the test period are among those that are fitted on",
            [f"event {row + 1}" for row in rows],
            "Split by time, or name a protocol that allows it.",
        )


def _leak(rule: str, rows: Sequence[str], remedy: str) -> Leak:
    return Leak(rule=rule, num_rows=len(rows), rows=tuple(rows[:SHOWN]), remedy=remedy)


def _leak_of_column(items: pl.DataFrame, name: str, rows: list[int], rule: str) -> Leak:
    ids = items["item_id"].gather(rows[:SHOWN]).to_list()
    return Leak(rule=rule, num_rows=len(rows), rows=tuple(f"item {item}" for item in ids), remedy=_drop(name))


def _drop(name: str) -> str:
    return f"Leave the column out: drop=[{name!r}] (--drop {name})."


def _attributes(table: pl.DataFrame) -> dict[str, list[Any]]:
    """The attributes by name: a value or None for each row."""
    if not table["attributes"].count():
        return {}
    rows = [json.loads(text) if text else {} for text in table["attributes"].to_list()]
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _number(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return np.nan


def _cut(data: Data) -> int:
    return round(0.8 * data.events.height)


def _per_item(data: Data, rows: slice) -> dict[str, np.ndarray]:
    """Number of events and mean rating of every item of the catalogue, over some of the events; NaN for fewer than 3."""
    events = data.events[rows].select(
        pl.col("item_id").cast(pl.String),
        rating=pl.when(pl.col("kind").is_in(RATING_KINDS)).then(pl.col("value").cast(pl.Float64)),
    )
    found = events.group_by("item_id").agg(count=pl.len(), num=pl.col("rating").count(), mean=pl.col("rating").mean())
    table = data.items.select("item_id").join(found, on="item_id", how="left", maintain_order="left")
    mean = table.select(pl.when(pl.col("num") >= 3).then("mean").fill_null(float("nan"))).to_series()
    return {"number of events": table["count"].fill_null(0).to_numpy().astype(float), "mean rating": mean.to_numpy()}


def _partial_correlation(x: np.ndarray, y: np.ndarray, given: np.ndarray) -> float:
    """Spearman's rank correlation of x and y beyond what both have in common with `given`.

    0 where x or y hardly differs from `given` (less than 1% of its variance): what is left would be noise.
    """
    if len(x) < 3:
        return 0.0
    ranks = np.stack([pl.Series(values).rank().to_numpy() for values in (x, y, given)])
    ranks -= ranks.mean(axis=1, keepdims=True)
    base = ranks[2] / max(float(np.linalg.norm(ranks[2])), 1e-9)
    rests = ranks[:2] - np.outer(ranks[:2] @ base, base)
    sizes, rest_sizes = np.linalg.norm(ranks[:2], axis=1), np.linalg.norm(rests, axis=1)
    if (rest_sizes <= 0.1 * sizes).any():
        return 0.0
    return float(rests[0] @ rests[1] / rest_sizes.prod())


def _folded(text: pl.Expr) -> pl.Expr:
    return text.str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars()

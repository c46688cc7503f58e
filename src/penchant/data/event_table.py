"""A raw table of events -> clean events in narrow columns: ids as codes, absent words as columns of type Null.

Narrow columns are what lets ten million events pass through memory; `widened` gives them the types of our words.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from penchant.data.casts import reading, refuse, to_ids, to_kinds, to_numbers, to_prose, to_text, unreadable
from penchant.data.clean import event_rules, sift
from penchant.data.infer import ColumnMap
from penchant.data.mend import mend
from penchant.data.scan import RawTable
from penchant.data.split import to_parts
from penchant.data.times import to_seconds
from penchant.records.data import REJECTED
from penchant.records.errors import DataError
from penchant.records.words import EVENT_COLUMNS

CASTS: dict[str, Callable[[pl.Series], pl.Series]] = {
    "user_id": to_ids,
    "item_id": to_ids,
    "kind": to_kinds,
    "text": to_prose,
    "domain": to_prose,
    "context": to_prose,
    "value": to_numbers,
    "position": to_numbers,
    "propensity": to_numbers,
}
CODED = ("user_id", "item_id", "kind", "domain")
RULES = {
    "timestamp": "a number or an ISO 8601 time such as 2024-05-31T18:00:00Z",
    "value": "a finite number, or empty",
    "position": "a finite number, or empty",
    "propensity": "a finite number, or empty",
}
"""What can be unreadable, and what it has to be."""


@dataclass(frozen=True, kw_only=True)
class EventTable:
    """Clean events in time order (narrow columns), what was rejected (`records.data.REJECTED`), and what is told of both.

    `parts`: train, valid or test for each event where the table has such a column.
    """

    events: pl.DataFrame
    has_clock: bool
    rejected: pl.DataFrame
    report: dict[str, Any]
    notes: list[str]
    parts: pl.Series | None


def read_events(raw: RawTable, columns: ColumnMap, scale: tuple[float, float] | None, now: float) -> EventTable:
    """Casts and cleans the events; `scale` is the rating scale where the user gave one, `now` seconds since 1970.

    Raises DataError where no event is left, or where a column holds nothing that can be read.
    """
    frame, has_clock, mended = _narrow(raw, columns)
    has_times = frame.schema["timestamp"] != pl.Null
    bad = frame["unreadable"].drop_nulls().unique(maintain_order=True).to_list()
    rules = event_rules(bad, has_times=has_times, has_clock=has_clock, scale=scale, now=now)
    kept, gone = sift(frame, rules)
    counts = {rule.reason: gone.filter(reason=rule.reason).height for rule in rules}
    dropped = {reason: count for reason, count in counts.items() if count}
    if kept.is_empty():
        raise DataError(f"No event is left of {raw.height}: {dropped}. Mend the rows, or name other columns.")
    if not has_times:
        kept = kept.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("timestamp"))
    elif not kept["timestamp"].is_sorted():
        kept = kept.sort("timestamp", maintain_order=True)
    report = {"rows_in": raw.height, "rows_kept": kept.height, "dropped": dropped}
    return EventTable(
        events=kept.select(list(EVENT_COLUMNS)),
        has_clock=has_clock,
        rejected=told("events", gone, raw, columns.columns),
        report=report | ({"mended": {"text": mended}} if mended else {}),
        notes=_time_notes(has_times, has_clock),
        parts=kept["part"] if "part" in kept.columns else None,
    )


def widened(events: pl.LazyFrame) -> pl.LazyFrame:
    """Exactly the columns of our words, in their order and types."""
    return events.select(pl.col(word).cast(kind) for word, kind in EVENT_COLUMNS.items())


def told(table: str, gone: pl.DataFrame, raw: RawTable, columns: dict[str, str]) -> pl.DataFrame:
    """Rejected rows as their owner knows them: their column, and what it holds there.

    gone: row (from 1), reason, word. The raw columns are looked at once more, and only those that are to blame.
    """
    parts = [pl.DataFrame(schema=REJECTED)]
    for word in gone["word"].unique(maintain_order=True):
        rows = gone.filter(word=word)
        name = columns.get(word)
        values = [None] * rows.height if name is None else to_text(raw[name].gather(rows["row"] - 1))
        about = [pl.lit(table).alias("table"), pl.lit(name, pl.String).alias("column")]
        part = rows.select("row", "reason", *about).with_columns(pl.Series("value", values, pl.String))
        parts.append(part.select(pl.col(name).cast(kind) for name, kind in REJECTED.items()))
    return pl.concat(parts).sort("row")


def _narrow(raw: RawTable, columns: ColumnMap) -> tuple[pl.DataFrame, bool, dict[str, int]]:
    """All words as columns, and `row` (from 1), `unreadable` (a word), perhaps `part`; whether times are a clock."""
    has_clock = False
    mended: dict[str, int] = {}
    cast: dict[str, pl.Series] = {}
    bad: dict[str, pl.Series] = {}
    for word, name in columns.columns.items():
        column = raw[name]
        with reading(column, word):
            if word == "timestamp":
                values, has_clock = to_seconds(column)
            else:
                values = CASTS[word](column)
        if word == "text":
            values, mended = mend(values)
        if word in RULES:
            bad[word] = _checked(column, values, word)
        if values.count():
            cast[word] = values.cast(pl.Categorical if word in CODED else EVENT_COLUMNS[word])
    frame = pl.DataFrame(
        [
            pl.int_range(1, raw.height + 1, dtype=pl.UInt32, eager=True).alias("row"),
            *(cast.get(word, _nothing(raw.height)).alias(word) for word in EVENT_COLUMNS),
            _blame(bad, raw.height),
            *_parts(raw, columns),
        ]
    )
    return frame.with_columns(_kinds(columns)), has_clock, mended


def _checked(column: pl.Series, values: pl.Series, word: str) -> pl.Series:
    bad = unreadable(column, values)
    if bad.any() and not values.count():
        refuse(column, bad, word, RULES[word])
    return bad


def _blame(bad: dict[str, pl.Series], height: int) -> pl.Series:
    """The first word whose cell could not be read, for each row."""
    blame = _nothing(height)
    for word, rows in reversed(bad.items()):
        if rows.any():
            blame = blame.cast(pl.Categorical).set(rows, word)
    return blame.cast(pl.Categorical).alias("unreadable")


def _parts(raw: RawTable, columns: ColumnMap) -> Iterator[pl.Series]:
    if columns.split is not None:
        parts = to_parts(raw[columns.split])
        if parts is not None:
            yield parts.alias("part")


def _kinds(columns: ColumnMap) -> pl.Expr:
    """The kind of each event: its own; a rating with text is a review, without text a rate; all else is a view."""
    usual = pl.lit("view")
    if columns.value_is_rating:
        usual = (
            pl.when(pl.col("text").is_not_null())
            .then(pl.lit("review"))
            .when(pl.col("value").is_not_null())
            .then(pl.lit("rate"))
            .otherwise(usual)
        )
    return pl.coalesce(pl.col("kind"), usual.cast(pl.Categorical)).alias("kind")


def _nothing(height: int) -> pl.Series:
    return pl.Series([None], dtype=pl.Null).new_from_index(0, height)


def _time_notes(has_times: bool, has_clock: bool) -> list[str]:
    if not has_times:
        return ["events: there are no times, so the order of the rows is the order of the events"]
    return [] if has_clock else ["events: timestamp holds small numbers, which are an order and no clock"]

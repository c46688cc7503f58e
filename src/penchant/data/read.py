"""`pn.read`: somebody's tables -> `Data`; every dropped row is counted, all that was inferred is noted."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import polars as pl

from penchant.data.casts import reading, to_attributes, to_ids, to_kinds, to_numbers, to_prose, to_seconds, to_tags
from penchant.data.frames import to_polars
from penchant.data.infer import ColumnMap, check_chosen, infer_columns
from penchant.data.scale import rating_scale, ratings_of
from penchant.records.data import Data
from penchant.records.errors import DataError
from penchant.records.words import EVENT_COLUMNS, ITEM_COLUMNS, USER_COLUMNS

CASTS: dict[str, Callable[[pl.Series], pl.Series]] = {
    "user_id": to_ids,
    "item_id": to_ids,
    "kind": to_kinds,
    "text": to_prose,
    "domain": to_prose,
    "context": to_prose,
    "title": to_prose,
    "description": to_prose,
    "profile": to_prose,
    "image": to_prose,
    "audio": to_prose,
    "tags": to_tags,
    "value": partial(to_numbers, word="value"),
    "position": partial(to_numbers, word="position"),
    "propensity": partial(to_numbers, word="propensity"),
    "created_at": lambda column: to_seconds(column, "created_at")[0],
}
"""How a column of each word is read; only the times of events and attributes are read apart."""


def read(events: object, items: object = None, users: object = None, columns: Mapping[str, str] | None = None) -> Data:
    """Somebody's tables in our words (`records.words`).

    Each table is a path (csv, tsv, jsonl, parquet), a polars or pandas frame, a pyarrow Table or a list of dicts.
    Columns are recognised by name; `columns` (our word -> your column) goes first, for every table that has the column.
    Events without a user, without an item (but searches with text) or without a time, and exact repetitions are
    dropped and counted in `report`. Items and users of the events that have no row of their own are added.
    Without a clock `timestamp` is an order: the column's small numbers, or the order of the rows.
    Raises DataError for a missing or unknown column, an empty table, and values that cannot be read.

    >>> data = read([{"uid": "ann", "movie": "007", "stars": 4}, {"uid": "bob", "movie": "7", "stars": 5}])
    >>> data.events.select("user_id", "item_id", "kind", "value").rows()
    [('ann', '007', 'rate', 4.0), ('bob', '7', 'rate', 5.0)]
    """
    frame, kind = to_polars(events)
    tables = {"events": frame}
    tables |= {name: to_polars(table)[0] for name, table in (("items", items), ("users", users)) if table is not None}
    for name, table in tables.items():
        if table.is_empty():
            raise DataError(f"The {name} table has no rows. Give at least one.")
    chosen = columns or {}
    check_chosen(chosen, {name: table.columns for name, table in tables.items()})
    maps = {name: infer_columns(table.columns, name, chosen) for name, table in tables.items()}

    clean, has_clock, report, notes = _read_events(frame, maps["events"])
    all_items, item_report = _read_catalogue(tables.get("items"), maps.get("items"), clean["item_id"], ITEM_COLUMNS)
    all_users, user_report = _read_catalogue(tables.get("users"), maps.get("users"), clean["user_id"], USER_COLUMNS)
    scale = rating_scale(clean)
    reports = {"events": report, "items": item_report, "users": user_report}
    inferred = (note for table_map in maps.values() for note in table_map.notes)
    return Data(
        events=clean,
        items=all_items,
        users=all_users,
        has_clock=has_clock,
        rating_scale=scale,
        frame=kind,
        notes=(*inferred, *notes, *_scale_notes(clean, scale), *_report_notes(reports)),
        report=dict(reports),
    )


def _read_events(raw: pl.DataFrame, columns: ColumnMap) -> tuple[pl.DataFrame, bool, dict[str, Any], list[str]]:
    cast = _cast(raw, columns)
    times, has_clock = _times(raw, columns)
    if times is not None:
        cast["timestamp"] = times
    frame = _with_columns(cast, raw.height, EVENT_COLUMNS).with_columns(_kinds(columns))
    kept, dropped = _drop_events(frame, has_times=times is not None)
    if kept.is_empty():
        raise DataError(f"No event is left of {raw.height}: {dropped}. Mend the rows, or name other columns.")
    if times is None:
        kept = kept.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("timestamp"))
    kept = kept.sort("timestamp", maintain_order=True)
    report = {"rows_in": raw.height, "rows_kept": kept.height, "dropped": dropped}
    return kept, has_clock, report, _time_notes(times is not None, has_clock)


def _cast(raw: pl.DataFrame, columns: ColumnMap) -> dict[str, pl.Series]:
    cast = {}
    for word, name in columns.columns.items():
        if word in CASTS:
            with reading(raw[name], word):
                cast[word] = CASTS[word](raw[name])
    return cast


def _times(raw: pl.DataFrame, columns: ColumnMap) -> tuple[pl.Series | None, bool]:
    """The times, None where there is no column or nothing in it; and whether they are a clock."""
    if "timestamp" not in columns.columns:
        return None, False
    column = raw[columns.columns["timestamp"]]
    with reading(column, "timestamp"):
        times, has_clock = to_seconds(column)
    return (None, False) if times.null_count() == len(times) else (times, has_clock)


def _kinds(columns: ColumnMap) -> pl.Expr:
    """The kind of each event: its own; a rating with text is a review, without text a rate; all else is a view."""
    usual = pl.lit("view")
    if columns.value_is_rating:
        usual = pl.when(pl.col("text").is_not_null()).then(pl.lit("review")).otherwise(pl.lit("rate"))
    return pl.col("kind").fill_null(usual)


def _drop_events(frame: pl.DataFrame, has_times: bool) -> tuple[pl.DataFrame, dict[str, int]]:
    """What is left, and how many rows went for each reason; a row goes for the first reason that holds."""
    search = (pl.col("kind") == "search") & pl.col("text").is_not_null()
    reasons = {
        "no user": pl.col("user_id").is_null(),
        "no item": pl.col("item_id").is_null() & ~search,
        "no timestamp": pl.col("timestamp").is_null() & has_times,
        "duplicate": ~pl.struct(pl.all()).is_first_distinct(),
    }
    dropped = {}
    for reason, condition in reasons.items():
        left = frame.filter(~condition)
        if left.height < frame.height:
            dropped[reason] = frame.height - left.height
        frame = left
    return frame, dropped


def _read_catalogue(
    raw: pl.DataFrame | None, columns: ColumnMap | None, met: pl.Series, words: Mapping[str, pl.DataType]
) -> tuple[pl.DataFrame, dict[str, Any]]:
    """One row per id, the first of each; then the ids that only the events know, in their order."""
    key = met.name
    table = pl.DataFrame(schema=dict(words)) if raw is None or columns is None else _cast_rows(raw, columns, words)
    rows_in = table.height
    named = table.drop_nulls(key)
    unique = named.unique(key, keep="first", maintain_order=True)
    met = met.drop_nulls().unique(maintain_order=True)
    unknown = met.filter(~met.is_in(unique[key].implode()))
    dropped = {"no id": rows_in - named.height, "duplicate id": named.height - unique.height}
    report = {
        "rows_in": rows_in,
        "rows_kept": unique.height,
        "dropped": {reason: count for reason, count in dropped.items() if count},
        "added_from_events": len(unknown),
    }
    return pl.concat([unique, _with_columns({key: unknown}, len(unknown), words)]), report


def _cast_rows(raw: pl.DataFrame, columns: ColumnMap, words: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """A table of items or users in our words; what has no word goes into `attributes`."""
    cast = _cast(raw, columns)
    cast["attributes"] = to_attributes(raw, columns.columns.get("attributes"), columns.others)
    return _with_columns(cast, raw.height, words)


def _with_columns(cast: Mapping[str, pl.Series], height: int, words: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Exactly the columns of our words, in their order and types; nulls where nothing was given."""
    return pl.DataFrame(
        [
            cast[word].cast(kind).alias(word) if word in cast else pl.Series(word, [None] * height, dtype=kind)
            for word, kind in words.items()
        ]
    )


def _time_notes(has_times: bool, has_clock: bool) -> list[str]:
    if not has_times:
        return ["events: there are no times, so the order of the rows is the order of the events"]
    return [] if has_clock else ["events: timestamp holds small numbers, which are an order and no clock"]


def _scale_notes(events: pl.DataFrame, scale: tuple[float, float] | None) -> Iterable[str]:
    if scale:
        yield f"events: ratings lie on the scale {scale[0]:g} to {scale[1]:g}"
    if scale is None and ratings_of(events).len():
        yield "events: all ratings are equal, so there is no rating scale"


def _report_notes(reports: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    for table, report in reports.items():
        for reason, count in report["dropped"].items():
            yield f"{table}: {count} of {report['rows_in']} rows dropped: {reason}"
        if report["rows_in"] and report.get("added_from_events"):
            yield f"{table}: {report['added_from_events']} ids of the events have no row of their own and were added"

"""`pn.read`: somebody's tables -> `Data`; every rejected row is counted and listed, all that was inferred is noted."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from penchant.data.catalogue import read_catalogue
from penchant.data.event_table import read_events, widened
from penchant.data.infer import check_chosen, infer_tables
from penchant.data.scale import rating_scale as scale_of
from penchant.data.scale import ratings_of
from penchant.data.scan import RawTable, open_table
from penchant.data.sources.recognise import known_tables
from penchant.records.data import Data
from penchant.records.errors import DataError, suggestion
from penchant.records.words import ITEM_COLUMNS, USER_COLUMNS


def read(
    events: object,
    items: object = None,
    users: object = None,
    columns: Mapping[str, str] | None = None,
    *,
    drop: Sequence[str] = (),
    rating_scale: tuple[float, float] | None = None,
    pictures: str | Path | None = None,
) -> Data:
    """Somebody's tables in our words (`records.words`).

    Each table is a path (csv, tsv, json, jsonl, parquet, xlsx, ods; packed too), the URL of a database with a table
    ("sqlite:///shop.db#ratings"), a polars or pandas frame, a pyarrow Table or a list of dicts; or `events` is the folder
    of a known data set (`sources.recognise`) and all there is.
    Columns are recognised by name, and where names leave a word open by their values; `columns` (our word -> your
    column) goes first, for every table that has the column. `drop` names columns that are left alone.
    Rows that are no events (no user, no item, no time, unreadable or impossible values, repetitions) are rejected:
    counted in `report`, listed in `rejected`. `rating_scale` says what is possible; else the ratings themselves do.
    Items and users of the events that have no row of their own are added.
    Pictures that items name in `image` are files below the folder `pictures` (default: that of the items' file), or `data:`
    addresses with the bytes in them; nothing is fetched.
    Without a clock `timestamp` is an order: the column's small numbers, or the order of the rows.
    Raises DataError for a missing or unknown column, an empty table, and columns in which nothing can be read.

    >>> data = read([{"uid": "ann", "movie": "007", "stars": 4}, {"uid": "bob", "movie": "7", "stars": 5}])
    >>> data.events.select("user_id", "item_id", "kind", "value").rows()
    [('ann', '007', 'rate', 4.0), ('bob', '7', 'rate', 5.0)]
    """
    data = read_narrow(events, items, users, columns, drop=drop, rating_scale=rating_scale, pictures=pictures)
    return replace(data, events=widened(data.events.lazy()).collect())


def read_narrow(
    events: object,
    items: object = None,
    users: object = None,
    columns: Mapping[str, str] | None = None,
    *,
    drop: Sequence[str] = (),
    rating_scale: tuple[float, float] | None = None,
    pictures: str | Path | None = None,
) -> Data:
    """`read`, but with events in narrow columns, for tables that would not fit in memory otherwise.

    `event_table.widened` gives the events that `read` would have given.
    """
    given = items
    events, items, users, told = known_tables(events, items, users)
    frame, kind = open_table(events)
    tables = {"events": frame}
    tables |= {name: open_table(table)[0] for name, table in (("items", items), ("users", users)) if table is not None}
    for name, table in tables.items():
        if not table.height:
            raise DataError(f"The {name} table has no rows. Give at least one.")
    tables = _without(tables, drop)
    chosen = columns or {}
    check_chosen(chosen, {name: table.columns for name, table in tables.items()})
    maps = infer_tables(tables, chosen)

    clean = read_events(tables["events"], maps["events"], rating_scale, time.time())
    met_items, met_users = clean.events["item_id"], clean.events["user_id"]
    all_items = read_catalogue(tables.get("items"), maps.get("items"), met_items, ITEM_COLUMNS)
    all_users = read_catalogue(tables.get("users"), maps.get("users"), met_users, USER_COLUMNS)
    scale = rating_scale or scale_of(clean.events)
    reports = {"events": clean.report, "items": all_items.report, "users": all_users.report}
    reports |= {name: table.counted(reports[name]) for name, table in tables.items()}
    unreadable = (table.unreadable(name) for name, table in tables.items())
    told += tuple(f"{name}: {note}" for name, table in tables.items() for note in table.notes)
    inferred = (note for table_map in maps.values() for note in table_map.notes)
    return Data(
        events=clean.events,
        items=all_items.rows,
        users=all_users.rows,
        has_clock=clean.has_clock,
        rating_scale=scale,
        frame=kind,
        notes=(*told, *inferred, *clean.notes, *_scale_notes(clean.events, scale), *_report_notes(reports)),
        report={**reports, "columns": [row for table_map in maps.values() for row in table_map.rows]},
        rejected=pl.concat([*unreadable, clean.rejected, all_items.rejected, all_users.rejected]),
        parts=clean.parts,
        folder=_folder(given, pictures),
    )


def _folder(items: object, pictures: str | Path | None) -> Path | None:
    """Where pictures are looked for. Raises: DataError for a folder that there is not."""
    if pictures is not None:
        if not Path(pictures).is_dir():
            raise DataError(
                f"Pictures lie in a folder, and {str(pictures)!r} is none. Give the one that `image` is relative to."
            )
        return Path(pictures).resolve()
    if not isinstance(items, str | Path) or "://" in str(items) or not Path(items).is_file():
        return None
    return Path(items).resolve().parent


def _without(tables: Mapping[str, RawTable], drop: Sequence[str]) -> dict[str, RawTable]:
    found = {name for table in tables.values() for name in table.columns}
    for name in drop:
        if name not in found:
            raise DataError(f"`drop` names {name!r}, but no table has such a column. {suggestion(name, found)}")
    return {name: table.without(tuple(drop)) for name, table in tables.items()}


def _scale_notes(events: pl.DataFrame, scale: tuple[float, float] | None) -> Iterable[str]:
    if scale:
        yield f"events: ratings lie on the scale {scale[0]:g} to {scale[1]:g}"
    if scale is None and ratings_of(events).len():
        yield "events: all ratings are equal, so there is no rating scale"


def _report_notes(reports: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    for table, report in reports.items():
        for reason, count in report["dropped"].items():
            yield f"{table}: {count} of {report['rows_in']} rows dropped: {reason}"
        for word, counts in report.get("mended", {}).items():
            for reason, count in counts.items():
                yield f"{table}: {count} cells of {word} mended: {reason}"
        for word, count in report.get("left_out", {}).items():
            yield f"{table}: {count} cells of {word} could not be read and were left out"
        if report["rows_in"] and report.get("added_from_events"):
            yield f"{table}: {report['added_from_events']} ids of the events have no row of their own and were added"

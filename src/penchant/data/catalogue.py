"""A raw table of items or users -> one row per id, with those that only the events know. No event is looked into."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from penchant.data.casts import reading, to_attributes, to_ids, to_prose, to_tags, to_text, unreadable
from penchant.data.clean import Rule, expression, repeats, sift
from penchant.data.event_table import told
from penchant.data.infer import ColumnMap
from penchant.data.mend import mend, mend_lists, mend_table
from penchant.data.scan import RawTable
from penchant.data.times import to_seconds
from penchant.records.data import REJECTED

CASTS: dict[str, Callable[[pl.Series], pl.Series]] = {
    "user_id": to_ids,
    "item_id": to_ids,
    "domain": to_prose,
    "title": to_prose,
    "description": to_prose,
    "profile": to_prose,
    "image": to_prose,
    "audio": to_prose,
    "tags": to_tags,
    "created_at": lambda column: to_seconds(column)[0],
}
MENDED = ("title", "description", "profile", "tags")


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """`rows` have exactly the columns of the words; `rejected` those of `records.data.REJECTED`."""

    rows: pl.DataFrame
    rejected: pl.DataFrame
    report: dict[str, Any]


def read_catalogue(
    raw: RawTable | None, columns: ColumnMap | None, met: pl.Series, words: Mapping[str, pl.DataType]
) -> Catalogue:
    """The first row of each id; then the ids of the events, `met` (named like the key), that have none, in their order."""
    key = met.name
    table, kept = pl.DataFrame(schema=dict(words)), None
    report: dict[str, Any] = {"rows_in": 0, "rows_kept": 0, "dropped": {}}
    rejected = pl.DataFrame(schema=REJECTED)
    if raw is not None and columns is not None:
        table, extra = _cast(raw.frame(), columns, words)
        rules = [
            Rule("no id", key, expression(pl.col(key).is_null())),
            Rule("duplicate id", key, lambda frame: repeats(frame, [key])),
        ]
        kept, gone = sift(table.with_row_index("row", offset=1), rules)
        table, rejected = kept.drop("row"), told(columns.table, gone, raw, columns.columns)
        counts = dict(gone.group_by("reason", maintain_order=True).len().iter_rows())
        report = {"rows_in": raw.height, "rows_kept": table.height, "dropped": counts, **extra}
    met = met.drop_nulls().unique(maintain_order=True).cast(pl.String)
    unknown = met.filter(~met.is_in(table[key].implode()))
    report["added_from_events"] = len(unknown)
    rows = pl.concat([table, in_words({key: unknown}, len(unknown), words)])
    return Catalogue(rows=rows, rejected=rejected, report=report)


def in_words(cast: Mapping[str, pl.Series], height: int, words: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Exactly the columns of our words, in their order and types; nulls where nothing was given."""
    return pl.DataFrame(
        [
            cast[word].cast(kind).alias(word)
            if word in cast
            else pl.Series(word, [None], dtype=kind).new_from_index(0, height)
            for word, kind in words.items()
        ]
    )


def _cast(
    raw: pl.DataFrame, columns: ColumnMap, words: Mapping[str, pl.DataType]
) -> tuple[pl.DataFrame, dict[str, Any]]:
    """The table in our words, what has no word in `attributes`; and what was mended or left out on the way."""
    mended: dict[str, Mapping[str, int]] = {}
    left_out: dict[str, int] = {}
    cast: dict[str, pl.Series] = {}
    for word, name in columns.columns.items():
        if word not in CASTS:
            continue
        with reading(raw[name], word):
            column, counts = _mended(raw[name], word)
            cast[word] = CASTS[word](column)
        if counts:
            mended[word] = counts
        if word == "created_at":
            left_out[word] = int(unreadable(raw[name], cast[word]).sum())
    given = columns.columns.get("attributes")
    others, repaired = mend_table(raw, [*columns.others, *([given] if given else [])])
    if repaired:
        mended["attributes"] = repaired
    cast["attributes"] = to_attributes(others, given, columns.others)
    told_of = {"mended": mended, "left_out": {word: count for word, count in left_out.items() if count}}
    return in_words(cast, raw.height, words), {name: value for name, value in told_of.items() if value}


def _mended(column: pl.Series, word: str) -> tuple[pl.Series, dict[str, int]]:
    """Texts are mended before tags are split: "&amp;" holds a separator."""
    if word not in MENDED:
        return column, {}
    if isinstance(column.dtype, pl.List) and word == "tags":
        return mend_lists(column.cast(pl.List(pl.String)))
    return mend(to_text(column))

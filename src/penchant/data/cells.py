"""Python values -> columns. Values of several types become text."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from penchant.data.spread import check_spread


def column(name: str, values: list[Any]) -> pl.Series:
    """A column of Python values; values of several types become text, and so do objects (as JSON).

    >>> column("item", [7, "x", None]).to_list()
    ['7', 'x', None]
    >>> column("style", [{"size": "L"}, None]).to_list()
    ['{"size": "L"}', None]
    """
    if any(map(_has_objects, values)):
        return _mixed(name, values)
    try:
        return pl.Series(name, values, strict=True)
    except (TypeError, OverflowError, pl.exceptions.PolarsError):
        return _mixed(name, values)


def from_records(records: Iterable[Mapping[Any, Any]]) -> pl.DataFrame:
    """A table with a column for each key, in the order of their first appearance. Raises DataError for far too many."""
    rows = list(records)
    names = list(dict.fromkeys(name for row in rows for name in row))
    check_spread(len(rows), len(names), sum(map(len, rows)), "a table of objects")
    return pl.DataFrame([column(str(name), [row.get(name) for row in rows]) for name in names])


def stacked(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Tables under each other, whatever columns and types each found; types that don't agree become text.

    >>> stacked([pl.DataFrame({"a": [1]}), pl.DataFrame({"a": ["x"], "b": [2]})]).rows()
    [('1', None), ('x', 2)]
    """
    kinds: dict[str, set[pl.DataType]] = {}
    for frame in frames:
        for name, kind in frame.schema.items():
            kinds.setdefault(name, set()).add(kind)
    height = sum(frame.height for frame in frames)
    check_spread(height, len(kinds), sum(frame.height * frame.width for frame in frames), "a table in parts")
    strange = {name for name, found in kinds.items() if not _agree(found)}
    same = [frame.with_columns(as_text(frame[name]) for name in frame.columns if name in strange) for frame in frames]
    return pl.concat(same, how="diagonal_relaxed") if same else pl.DataFrame()


def as_text(values: pl.Series) -> pl.Series:
    """Text of any column; whole floats without a point, lists and structs as JSON."""
    if values.dtype.is_float():
        whole = values.cast(pl.Int64, strict=False)
        return whole.cast(pl.String).set((whole != values) | whole.is_null(), None).fill_null(values.cast(pl.String))
    if values.dtype.is_nested():
        return column(values.name, [None if value is None else _text(value) for value in values.to_list()])
    return values.cast(pl.String)


def _has_objects(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(map(_has_objects, value)))


def _agree(kinds: set[pl.DataType]) -> bool:
    known = kinds - {pl.Null()}
    return len(known) < 2 or all(kind.is_numeric() for kind in known)


def _mixed(name: str, values: list[Any]) -> pl.Series:
    known = [value for value in values if value is not None]
    numbers = all(isinstance(value, float) or (isinstance(value, int) and abs(value) < 2**53) for value in known)
    if numbers and any(isinstance(value, float) for value in known):
        return pl.Series(name, [None if value is None else float(value) for value in values])
    return pl.Series(name, [None if value is None else _text(value) for value in values], dtype=pl.String)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else str(value)

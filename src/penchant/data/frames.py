"""Any table -> polars, and back to the kind that came in. Knows files and frames, not what columns mean."""

from collections.abc import Iterable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl

from penchant.data.cells import column, from_records
from penchant.data.files import read_file, read_table
from penchant.data.sql import is_url, read_sql
from penchant.data.tables import Table
from penchant.records.data import FrameKind
from penchant.records.errors import DataError

__all__ = ["read_file", "to_frame", "to_polars", "to_table"]


def to_polars(table: object) -> tuple[pl.DataFrame, FrameKind]:
    """The table in polars, and its kind. Every column of a CSV or TSV file stays text ("007", "NA"); categories too.

    `table`: a path (csv, tsv, json, jsonl, parquet, xlsx, ods, RecBole's inter, item, user; packed too), the URL of a
    database with a table ("sqlite:///shop.db#ratings"), a polars or pandas frame, a pyarrow Table, or records (an
    iterable of dicts). Raises DataError for what is none of these or cannot be read.

    >>> to_polars([{"uid": "007"}, {"uid": None}])[0]["uid"].to_list()
    ['007', None]
    """
    found, kind = to_table(table)
    return found.frame, kind


def to_table(table: object) -> tuple[Table, FrameKind]:
    """The same with the notes of reading it, and the rows of a file that were repaired or rejected."""
    found, kind = _taken_in(table)
    if not any(isinstance(kept, pl.Categorical | pl.Enum) for kept in found.frame.dtypes):
        return found, kind  # a request pays for a query of polars, however small
    frame = found.frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    return replace(found, frame=frame), kind


def to_frame(frame: pl.DataFrame, kind: FrameKind) -> Any:
    """The frame as the given kind; records are a list of dicts.

    >>> to_frame(pl.DataFrame({"rank": [1, 2]}), "records")
    [{'rank': 1}, {'rank': 2}]
    """
    if kind == "records":
        return frame.to_dicts()
    if kind == "pyarrow":
        return frame.to_arrow()
    if kind == "pandas":
        pandas: Any = import_module("pandas")
        return pandas.DataFrame({c.name: c.to_numpy() if c.dtype.is_numeric() else c.to_list() for c in frame})
    return frame


def _taken_in(table: object) -> tuple[Table, FrameKind]:
    if isinstance(table, str) and is_url(table):
        return read_sql(table), "polars"
    if isinstance(table, str | Path):
        return read_table(Path(table)), "polars"
    if isinstance(table, Table):
        return table, "polars"
    if isinstance(table, pl.DataFrame):
        return Table(frame=table), "polars"
    # By the name of the class: neither pandas nor pyarrow is imported for those who use neither.
    origin = (type(table).__module__.partition(".")[0], type(table).__name__)
    if origin == ("pandas", "DataFrame"):
        return Table(frame=_from_pandas(table)), "pandas"
    if origin == ("pyarrow", "Table"):
        return Table(frame=_from_arrow(table)), "pyarrow"
    if isinstance(table, Iterable):
        return Table(frame=_from_records(list(table))), "records"
    raise DataError(f"A table is a path, a frame or a list of dicts, not {type(table).__name__}. Give one of these.")


def _from_arrow(table: Any) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


def _from_pandas(table: Any) -> pl.DataFrame:
    """Column by column, since polars' own way needs pyarrow."""
    if not table.columns.is_unique:
        raise DataError(f"Column names must be unique, but these are {list(table.columns)}. Rename one.")
    missing = table.isna()
    return pl.DataFrame(
        [
            column(str(name), [None if gone else value for value, gone in zip(table[name], missing[name], strict=True)])
            for name in table.columns
        ]
    )


def _from_records(records: list[Any]) -> pl.DataFrame:
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise DataError(f"Records are dicts, but record {number} is {record!r}. Give a list of dicts.")
    return from_records(records)

"""Any table -> polars, and back to the kind that came in. Knows files and frames, not what columns mean."""

import gzip
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl

from penchant.records.data import FrameKind
from penchant.records.errors import DataError

SEPARATORS = {".csv": ",", ".tsv": "\t", ".inter": "\t", ".item": "\t", ".user": "\t"}
RECBOLE_SUFFIXES = (".inter", ".item", ".user")
JSON_SUFFIXES = (".jsonl", ".ndjson")
SUFFIXES = (*SEPARATORS, *JSON_SUFFIXES, ".parquet")


def to_polars(table: object) -> tuple[pl.DataFrame, FrameKind]:
    """The table in polars, and its kind. Every column of a CSV or TSV file stays text ("007", "NA"); categories too.

    `table`: a path (csv, tsv, jsonl, parquet, RecBole's inter, item, user; .gz too), a polars or pandas frame, a
    pyarrow Table, or records (an iterable of dicts). Raises DataError for what is none of these or cannot be read.

    >>> to_polars([{"uid": "007"}, {"uid": None}])[0]["uid"].to_list()
    ['007', None]
    """
    frame, kind = _taken_in(table)
    return frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String)), kind


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


def read_file(path: Path) -> pl.DataFrame:
    """The table of a file, read by its suffix."""
    name = path.name.lower()
    suffix = Path(name.removesuffix(".gz")).suffix
    if suffix not in SUFFIXES:
        raise DataError(f"{path} ends in none of {', '.join(SUFFIXES)} (.gz allowed). Rename or convert the file.")
    if not path.is_file():
        raise DataError(f"There is no file {path}. Check the path.")
    try:
        content = gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path
        return _parse(content, suffix)
    except (pl.exceptions.PolarsError, OSError, EOFError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read as {suffix[1:]}: {error}. Mend it, or save it as UTF-8.") from error


def _taken_in(table: object) -> tuple[pl.DataFrame, FrameKind]:
    if isinstance(table, str | Path):
        return read_file(Path(table)), "polars"
    if isinstance(table, pl.DataFrame):
        return table, "polars"
    # By the name of the class: neither pandas nor pyarrow is imported for those who use neither.
    origin = (type(table).__module__.partition(".")[0], type(table).__name__)
    if origin == ("pandas", "DataFrame"):
        return _from_pandas(table), "pandas"
    if origin == ("pyarrow", "Table"):
        return _from_arrow(table), "pyarrow"
    if isinstance(table, Iterable):
        return _from_records(list(table)), "records"
    raise DataError(f"A table is a path, a frame or a list of dicts, not {type(table).__name__}. Give one of these.")


def _parse(content: Path | bytes, suffix: str) -> pl.DataFrame:
    if suffix == ".parquet":
        return pl.read_parquet(content)
    if suffix in JSON_SUFFIXES:
        return pl.read_ndjson(content, infer_schema_length=None)
    quote = None if suffix in RECBOLE_SUFFIXES else '"'
    return pl.read_csv(content, separator=SEPARATORS[suffix], quote_char=quote, infer_schema=False)


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
            _column(
                str(name), [None if gone else value for value, gone in zip(table[name], missing[name], strict=True)]
            )
            for name in table.columns
        ]
    )


def _from_records(records: list[Any]) -> pl.DataFrame:
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise DataError(f"Records are dicts, but record {number} is {record!r}. Give a list of dicts.")
    names = list(dict.fromkeys(name for record in records for name in record))
    return pl.DataFrame([_column(str(name), [record.get(name) for record in records]) for name in names])


def _column(name: str, values: list[Any]) -> pl.Series:
    """A column of Python values; values of several types become text.

    >>> _column("item", [7, "x", None]).to_list()
    ['7', 'x', None]
    """
    try:
        return pl.Series(name, values, strict=True)
    except (TypeError, OverflowError, pl.exceptions.PolarsError):
        return _mixed(name, values)


def _mixed(name: str, values: list[Any]) -> pl.Series:
    numbers = all(value is None or isinstance(value, int | float) for value in values)
    if numbers and not all(value is None or isinstance(value, int) for value in values):
        return pl.Series(name, [None if value is None else float(value) for value in values])
    return pl.Series(name, [None if value is None else str(value) for value in values], dtype=pl.String)

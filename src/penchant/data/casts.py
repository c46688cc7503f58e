"""One column at a time: from whatever type it came in to the type of its word. Errors name row, value and remedy."""

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import polars as pl

from penchant.data.infer import bare
from penchant.data.synonyms import KIND_SYNONYMS
from penchant.records.errors import DataError

ORDER_LIMIT = 10**8
"""Times below are an order: as seconds they would lie before March 1973."""
UNITS = ((10**11, 1), (10**14, 10**3), (10**17, 10**6))
"""(times below, ticks per second): seconds, milliseconds, microseconds; nanoseconds above."""
COMPACT = {8: "%Y%m%d", 14: "%Y%m%d%H%M%S"}
"""Dates written as one number, by their number of digits; no clock counts in numbers that long since 1970."""
TAG_SEPARATORS = r"[|;,，；、]"


def to_text(column: pl.Series) -> pl.Series:
    """Text of any column: whole floats lose their ".0", lists are joined by spaces, structs become JSON; NaN is null.

    >>> to_text(pl.Series([1.0, None, 2.0])).to_list()
    ['1', None, '2']
    """
    kind = column.dtype
    if kind.is_float():
        column = column.fill_nan(None)
        whole = column.cast(pl.Int64, strict=False)
        return (whole if whole.eq_missing(column).all() else column).cast(pl.String)
    if isinstance(kind, pl.List):
        return column.cast(pl.List(pl.String)).list.drop_nulls().list.join(" ")
    if isinstance(kind, pl.Struct):
        return column.struct.json_encode().set(column.is_null(), None)
    return column.cast(pl.String)


def to_ids(column: pl.Series) -> pl.Series:
    """Ids byte for byte; only the empty string is a missing one.

    >>> to_ids(pl.Series(["007", "NA", "", None])).to_list()
    ['007', 'NA', None, None]
    """
    text = to_text(column)
    return text.set(text == "", None)


def to_prose(column: pl.Series) -> pl.Series:
    """Text as it stands; what is empty or only blanks is missing."""
    text = to_text(column)
    return text.set(text.str.strip_chars() == "", None)


def to_numbers(column: pl.Series, word: str) -> pl.Series:
    """Float64; empty and NaN are null. Raises DataError for what is no finite number.

    >>> to_numbers(pl.Series(["4.5", "", "nan"]), "value").to_list()
    [4.5, None, None]
    """
    text = to_prose(column) if column.dtype == pl.String else column
    if isinstance(text.dtype, pl.List | pl.Struct):
        text = to_text(text)
    numbers = (text.str.strip_chars() if text.dtype == pl.String else text).cast(pl.Float64, strict=False)
    bad = (text.is_not_null() & numbers.is_null()) | numbers.is_infinite().fill_null(False)
    if bad.any():
        refuse(column, bad, word, "a finite number, or empty")
    return numbers.fill_nan(None)


@contextmanager
def reading(column: pl.Series, word: str) -> Iterator[None]:
    """Turns polars' refusal to cast a column of a strange type into a DataError."""
    try:
        yield
    except pl.exceptions.PolarsError as error:
        raise DataError(
            f"No {word} can be read from {column.name!r}, whose type is {column.dtype}. Convert it to text or numbers, "
            f'or name another column: columns={{"{word}": "<your column>"}}.'
        ) from error


def refuse(column: pl.Series, bad: pl.Series, word: str, rule: str) -> None:
    """Raises DataError about the first bad row of a column."""
    row = bad.arg_true()[0]
    raise DataError(
        f"Each {word} must be {rule}, but row {row + 1} of {column.name!r} holds {column.to_list()[row]!r} "
        f"({bad.sum()} such rows). Mend or remove them, or name another column: "
        f'columns={{"{word}": "<your column>"}}.'
    )


def to_seconds(column: pl.Series, word: str = "timestamp") -> tuple[pl.Series, bool]:
    """Int64 times, and whether they are a clock (seconds since 1970) rather than an order.

    Reads numbers (seconds, milliseconds, microseconds or nanoseconds, told by the largest; dates such as 20180104 or
    20180104123000), ISO 8601 text, dates and datetimes; without a zone they are UTC. Other numbers below 10^8 are an order.

    >>> to_seconds(pl.Series(["1970-01-02T00:00:00Z"]))[0].to_list(), to_seconds(pl.Series([3, 1]))[1]
    ([86400], False)
    """
    if column.dtype.is_temporal():
        return column.cast(pl.Datetime("us")).dt.epoch("s").cast(pl.Int64), True
    if column.dtype == pl.String:
        text = to_prose(column).str.strip_chars()
        numbers = text.cast(pl.Int64, strict=False)
        if numbers.null_count() > text.null_count():
            numbers = text.cast(pl.Float64, strict=False)
        if numbers.null_count() > text.null_count():
            return _iso_seconds(column, text, numbers, word), True
        return _scaled(to_numbers(column, word) if numbers.dtype.is_float() else numbers)
    return _scaled(column if column.dtype.is_integer() else to_numbers(column, word))


def _iso_seconds(column: pl.Series, text: pl.Series, numbers: pl.Series, word: str) -> pl.Series:
    seconds = pl.Series(column.name, [None if value is None else _iso(value) for value in text], dtype=pl.Int64)
    bad = text.is_not_null() & seconds.is_null()
    if bad.any():
        neither = bad & numbers.is_null()
        refuse(
            column, neither if neither.any() else bad, word, "a number or an ISO 8601 time such as 2024-05-31T18:00:00Z"
        )
    return seconds


def _iso(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return math.floor((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _compact_seconds(numbers: pl.Series) -> pl.Series | None:
    """Seconds of numbers such as 20180104 or 20180104123000, None unless all of them are such dates."""
    written = numbers.cast(pl.Int64, strict=False).cast(pl.String)
    lengths = written.drop_nulls().str.len_chars().unique().to_list()
    if len(lengths) != 1 or lengths[0] not in COMPACT:
        return None
    times = written.str.to_datetime(COMPACT[lengths[0]], strict=False, time_unit="us")
    plausible = times.dt.year().is_between(1900, 2200).fill_null(value=False) | numbers.is_null()
    return times.dt.epoch("s").cast(pl.Int64) if plausible.all() else None


def _scaled(numbers: pl.Series) -> tuple[pl.Series, bool]:
    compact = _compact_seconds(numbers)
    if compact is not None:
        return compact, True
    largest = numbers.abs().max()
    assert largest is None or isinstance(largest, int | float)
    if largest is None or largest < ORDER_LIMIT:
        # An order may have fractions: what counts is which comes first.
        whole = numbers.cast(pl.Int64)
        return (whole if (whole == numbers).all() else numbers.rank("dense").cast(pl.Int64)), False
    ticks = next((ticks for limit, ticks in UNITS if largest < limit), 10**9)
    return (numbers // ticks).cast(pl.Int64), True


def to_kinds(column: pl.Series) -> pl.Series:
    """Kinds in lower case, common synonyms in our words.

    >>> to_kinds(pl.Series(["Rating", "buy", "wave", ""])).to_list()
    ['rate', 'purchase', 'wave', None]
    """
    return to_prose(column).str.strip_chars().str.to_lowercase().replace(KIND_SYNONYMS)


def to_tags(column: pl.Series) -> pl.Series:
    """Lists of distinct tags in their order; text is split at | ; , (RecBole's token_seq: at blanks); none is null.

    >>> to_tags(pl.Series("genres", ["Drama|War", " ", None])).to_list()
    [['Drama', 'War'], None, None]
    """
    if isinstance(column.dtype, pl.List):
        lists = column.cast(pl.List(pl.String))
    else:
        separator = r"\s+" if column.name.endswith(":token_seq") else TAG_SEPARATORS
        lists = to_text(column).str.replace_all(separator, "|").str.split("|")
    element = pl.element()
    stripped = lists.list.eval(element.str.strip_chars()).list.eval(element.filter(element != ""))
    unique = stripped.list.unique(maintain_order=True)
    return unique.set(unique.list.len() == 0, None)


def to_attributes(table: pl.DataFrame, given: str | None, others: tuple[str, ...]) -> pl.Series:
    """One JSON object per row of the columns `others`, over the objects of the column `given`; null where empty."""
    names = [bare(name) for name in others]
    rows = table.select(others).rows() if others else [()] * table.height
    starts = table[given].to_list() if given else [None] * table.height
    texts = []
    for start, row in zip(starts, rows, strict=True):
        found = _object(given, start) | {n: v for n, v in zip(names, row, strict=True) if not _missing(v)}
        texts.append(json.dumps(found, ensure_ascii=False, default=str) if found else None)
    return pl.Series("attributes", texts, dtype=pl.String)


def _object(name: str | None, value: Any) -> dict[str, Any]:
    """What a cell of the user's own attributes says: an object, or something to be kept under the column's name."""
    if name is None or _missing(value):
        return {}
    try:
        parsed = json.loads(value) if isinstance(value, str) else value
    except json.JSONDecodeError:
        parsed = value
    return parsed if isinstance(parsed, dict) else {bare(name): parsed}


def _missing(value: Any) -> bool:
    return value is None or value == "" or value == [] or (isinstance(value, float) and not math.isfinite(value))

"""One column at a time: from whatever type it came in to the type of its word. What cannot be read is null."""

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import polars as pl

from penchant.data.synonyms import KIND_SYNONYMS
from penchant.records.errors import DataError

TAG_SEPARATORS = r"[|;,，；、]"
RECBOLE_TYPES = ("token", "token_seq", "float", "float_seq")


def bare(name: str) -> str:
    """A column's name without RecBole's type.

    >>> bare("user_id:token"), bare("a:b")
    ('user_id', 'a:b')
    """
    head, _, kind = name.rpartition(":")
    return head if head and kind in RECBOLE_TYPES else name


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
    """Ids byte for byte; only what is empty or blank is a missing one.

    >>> to_ids(pl.Series(["007", "NA", " a", " ", None])).to_list()
    ['007', 'NA', ' a', None, None]
    """
    return to_prose(column)


def to_prose(column: pl.Series) -> pl.Series:
    """Text as it stands; what is empty or only blanks is missing."""
    text = to_text(column)
    return text.set(text.str.strip_chars() == "", None)


def to_numbers(column: pl.Series) -> pl.Series:
    """Float64; null where nothing is given, and for what is no finite number (`unreadable` tells the two apart).

    >>> to_numbers(pl.Series(["4.5", "", "good", "1e999"])).to_list()
    [4.5, None, None, None]
    """
    if isinstance(column.dtype, pl.List | pl.Struct):
        column = to_text(column)
    numbers = (column.str.strip_chars() if column.dtype == pl.String else column).cast(pl.Float64, strict=False)
    return numbers.set(~numbers.is_finite().fill_null(value=False), None)


def unreadable(column: pl.Series, cast: pl.Series) -> pl.Series:
    """Which cells (bool) hold something that the cast made nothing of. Empty, blank and NaN cells hold nothing.

    >>> unreadable(pl.Series(["4", "good", "nan", None]), pl.Series([4.0, None, None, None])).to_list()
    [False, True, False, False]
    """
    if cast.null_count() == column.null_count():
        return pl.Series(column.name, [False]).new_from_index(0, len(column))
    held = column.is_not_null()
    if column.dtype == pl.String:
        held &= ~column.str.strip_chars().str.to_lowercase().is_in(["", "nan"])
    if column.dtype.is_float():
        held &= column.is_not_nan()
    return held & cast.is_null()


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
    """Raises DataError about a column in which nothing can be read, with its first bad row."""
    row = bad.arg_true()[0]
    raise DataError(
        f"Each {word} must be {rule}, but row {row + 1} of {column.name!r} holds {column[row]!r}, and none of the "
        f"{bad.sum()} others that are filled can be read. Mend them, or name another column: "
        f'columns={{"{word}": "<your column>"}}.'
    )


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

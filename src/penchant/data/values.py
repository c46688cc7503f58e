"""What the values of a column say of it, where its name says nothing. A sample is looked at; quantities are no ratings."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from penchant.data.casts import to_kinds, to_numbers, to_prose
from penchant.data.synonyms import QUANTITY_MARKS
from penchant.data.times import to_seconds
from penchant.records.words import KINDS

MIN_ROWS = 20
"""A column with fewer filled cells says nothing."""
MIN_IDS = 10
"""Fewer different values are a category."""
FIRST_TIME = 631_152_000
"""1990: clocks that are recognised by their values start here."""
GROWING = 0.7
"""Share of neighbouring rows in which the time of a log does not fall; half of them by chance."""
STRANGE = (pl.Binary, pl.Duration, pl.Object, pl.Null)


@dataclass(frozen=True, kw_only=True)
class Guess:
    """A word for a column, and the reason in words."""

    word: str
    column: str
    reason: str


class Look:
    """One column of a sample, looked at from all sides."""

    def __init__(self, column: pl.Series, plain_name: str) -> None:
        self.name = column.name
        self.column = column
        self.text = to_prose(column)
        self.filled = self.text.drop_nulls()
        self.distinct = self.filled.n_unique()
        self.numbers = pl.Series([], dtype=pl.Float64) if _is_nested(column) else to_numbers(column).drop_nulls()
        self.is_quantity = any(mark in plain_name for mark in QUANTITY_MARKS)

    @property
    def is_number(self) -> bool:
        return 0 < len(self.filled) == len(self.numbers)

    @property
    def is_whole(self) -> bool:
        return self.is_number and bool((self.numbers == self.numbers.round()).all())

    @property
    def mean_length(self) -> float:
        return _mean(self.filled.str.len_chars())

    @property
    def share_of_prose(self) -> float:
        """How many cells have blanks between words, or Chinese, Japanese or Korean letters."""
        return _mean(self.filled.str.contains(r"\S\s+\S+\s+\S|[\u{3040}-\u{9fff}\u{ac00}-\u{d7af}]{4}"))


def guess_columns(sample: pl.DataFrame, table: str, open_words: Sequence[str], names: dict[str, str]) -> list[Guess]:
    """Words for free columns. `names`: free column -> its plain name; `open_words`: words that no name was found for.

    Times and kinds are told first, then ratings and texts, then ids by what is left. A word with two equally good
    columns stays open, but for ids: there the first column is the user's, as in nearly all files.
    """
    readable = (name for name in names if sample.schema[name] not in STRANGE)
    looks = [Look(sample[name], names[name]) for name in readable]
    looks = [look for look in looks if len(look.filled) >= MIN_ROWS]
    found: list[Guess] = []
    for guess in _in_turn(looks, table, sample):
        taken = {other.column for other in found}
        if guess.word in open_words and guess.column not in taken and guess.word not in {g.word for g in found}:
            found.append(guess)
    return found


def _in_turn(looks: list[Look], table: str, sample: pl.DataFrame) -> Iterator[Guess]:
    if table == "events":
        yield from _single("timestamp", looks, lambda look: _time_reason(look, GROWING))
        yield from _single("kind", looks, _kind_reason)
        yield from _single("value", looks, _rating_reason)
        yield from _longest("text", looks, 20)
        yield from (
            Guess(word=word, column=look.name, reason=f"{look.distinct} distinct values that come again")
            for look in looks
            if _is_id(look)
            for word in ("user_id", "item_id")
        )
        yield from _single("timestamp", looks, lambda look: _time_reason(look, 0.0))
    else:
        key = "item_id" if table == "items" else "user_id"
        for look in looks:
            if _is_key(look, sample):
                yield Guess(word=key, column=look.name, reason="every value is there once")
        if table == "items":
            yield from _longest("description", looks, 60)
            yield from _tags(looks)
            yield from _titles(looks)


def _single(word: str, looks: list[Look], reason_of: Callable[[Look], str | None]) -> Iterator[Guess]:
    """A guess only where exactly one column fits."""
    fitting = [(look, reason) for look in looks if (reason := reason_of(look))]
    if len(fitting) == 1:
        yield Guess(word=word, column=fitting[0][0].name, reason=fitting[0][1])


def _time_reason(look: Look, least_growth: float) -> str | None:
    """Dates are times; so are plausible seconds (or ms, us, ns) that grow down the file in so many of the rows."""
    if _is_nested(look.column) or look.column.dtype == pl.Boolean:
        return None
    if look.column.dtype.is_temporal():
        return "its type is a time"
    seconds, has_clock = to_seconds(look.column if look.column.dtype.is_numeric() else look.text)
    seconds = seconds.drop_nulls()
    if not has_clock or len(seconds) < 0.95 * len(look.filled):
        return None
    if _mean(seconds.is_between(FIRST_TIME, time.time() + 86_400)) < 0.99:
        return None
    growth = _mean(seconds.diff().drop_nulls() >= 0)
    if not look.is_number:
        return "dates"
    return f"numbers of a clock, growing in {growth:.0%} of the rows" if growth >= least_growth else None


def _kind_reason(look: Look) -> str | None:
    if look.is_number or look.distinct > 30 or _is_nested(look.column):
        return None
    known = _mean(to_kinds(look.filled).is_in(KINDS))
    return f"{look.distinct} distinct words, kinds of events" if known >= 0.5 else None


def _rating_reason(look: Look) -> str | None:
    """Whole or half steps that fill the scale up to 5 or 10, in a column that its name does not call a quantity."""
    if look.is_quantity or not look.is_number or look.column.dtype == pl.Boolean:
        return None
    values = look.numbers.unique().sort().to_list()
    steps_are_even = all(float(value * 2).is_integer() for value in values)
    fills = values[0] in (0.5, 1.0) and values[-1] in (5.0, 10.0) and 0.8 * values[-1] <= len(values) <= 20
    return f"{len(values)} distinct values from {values[0]:g} to {values[-1]:g}" if steps_are_even and fills else None


def _longest(word: str, looks: list[Look], min_length: int) -> Iterator[Guess]:
    plain = [look for look in looks if not _is_nested(look.column)]
    texts = [look for look in plain if look.share_of_prose >= 0.5 and look.mean_length >= min_length]
    for look in sorted(texts, key=lambda look: -look.mean_length)[:1]:
        yield Guess(word=word, column=look.name, reason=f"prose, {look.mean_length:.0f} characters on average")


def _titles(looks: list[Look]) -> Iterator[Guess]:
    for look in looks:
        if _is_nested(look.column):
            continue
        letters = _mean(look.filled.str.contains(r"\p{L}{2}"))
        is_link = look.filled.str.contains("://").any()
        if letters >= 0.8 and not is_link and look.distinct >= 0.8 * len(look.filled) and look.mean_length <= 100:
            yield Guess(word="title", column=look.name, reason="short texts, nearly all different")


def _tags(looks: list[Look]) -> Iterator[Guess]:
    for look in looks:
        split = look.filled.str.split("|").explode()
        if len(split) > 1.2 * len(look.filled) and split.n_unique() < 0.5 * len(split):
            yield Guess(word="tags", column=look.name, reason="words between | that come again")


def _is_id(look: Look) -> bool:
    """Codes that come again: whole numbers, or mostly words with a digit. Words alone may as well be categories."""
    if (
        look.is_quantity
        or _is_nested(look.column)
        or look.column.dtype.is_temporal()
        or look.column.dtype == pl.Boolean
    ):
        return False
    if look.is_number and not look.is_whole:
        return False
    if _time_reason(look, 0.0) or _kind_reason(look) or _rating_reason(look) or look.share_of_prose > 0.05:
        return False
    with_digits = _mean(look.filled.str.contains(r"\d"))
    return MIN_IDS <= look.distinct < len(look.filled) and look.mean_length <= 40 and with_digits >= 0.5


def _is_key(look: Look, sample: pl.DataFrame) -> bool:
    whole = not look.is_number or look.is_whole
    return whole and look.distinct == len(look.filled) == sample.height and look.share_of_prose <= 0.05


def _is_nested(column: pl.Series) -> bool:
    return isinstance(column.dtype, pl.List | pl.Struct | pl.Array)


def _mean(column: pl.Series) -> float:
    return float(np.mean(column.to_numpy())) if len(column) else 0.0

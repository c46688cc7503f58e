"""Times as people write them -> whole seconds or an order, cell by cell. What no rule reads is null; nothing is judged."""

import math
from collections.abc import Callable
from datetime import UTC, datetime

import polars as pl

ORDER_LIMIT = 10**8
"""Numbers below are an order: as seconds they would lie before March 1973."""
UNITS = ((10**11, 1), (10**14, 10**3), (10**17, 10**6))
"""(numbers below, ticks per second): seconds, milliseconds, microseconds; nanoseconds above."""
COMPACT = {8: "%Y%m%d", 14: "%Y%m%d%H%M%S"}
"""Dates written as one number, by their number of digits; no clock counts in numbers that long since 1970."""
FORMATS = (
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.fZ",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y年%m月%d日 %H:%M:%S",
)
DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%m %d, %Y", "%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y")
"""Year first, or unmistakable: 05/06/2024 is two days in two countries, and is not guessed."""


def to_seconds(column: pl.Series) -> tuple[pl.Series, bool]:
    """Int64 times, and whether they are a clock (seconds since 1970) rather than an order; null where nothing is read.

    Reads numbers, ISO 8601 and a few other dates, and temporal types; without a zone they are UTC. The column is a
    clock where more than half of its cells are dates, or at least half of its numbers (0 aside: often it means missing)
    are 10^8 or more, each of them seconds, milliseconds, microseconds or nanoseconds by its own magnitude. Other
    numbers are an order.

    >>> to_seconds(pl.Series(["1970-01-02T00:00:00Z"]))[0].to_list(), to_seconds(pl.Series([3, 1]))[1]
    ([86400], False)
    >>> to_seconds(pl.Series([1_700_000_000, 1_700_000_000_000]))[0].to_list()
    [1700000000, 1700000000]
    """
    if column.dtype.is_temporal():
        return column.cast(pl.Datetime("us")).dt.epoch("s").cast(pl.Int64), True
    if column.dtype != pl.String:
        return _scaled(column if column.dtype.is_integer() else _finite(column))
    text = column.str.strip_chars()
    text = text.set(text == "", None)
    numbers = text.cast(pl.Int64, strict=False)
    if numbers.null_count() == text.null_count():
        return _scaled(numbers)
    floats = _finite(text)
    whole = numbers.null_count() == floats.null_count()
    if floats.null_count() == text.null_count():
        return _scaled(numbers if whole else floats)
    return _with_dates(text, numbers if whole else floats)


def _with_dates(text: pl.Series, numbers: pl.Series) -> tuple[pl.Series, bool]:
    """Dates in words, and perhaps numbers between them."""
    dates = _dates(text.set(numbers.is_not_null(), None))
    scaled, has_clock = _scaled(numbers)
    if dates.count() * 2 <= numbers.count() and not has_clock:
        return scaled, False
    if not has_clock:
        scaled = numbers.cast(pl.Int64, strict=False)
    return dates.zip_with(dates.is_not_null(), scaled.rename(dates.name)), True


def _finite(column: pl.Series) -> pl.Series:
    numbers = column.cast(pl.Float64, strict=False)
    return numbers.set(~numbers.is_finite().fill_null(value=False), None)


def _dates(text: pl.Series) -> pl.Series:
    """Int64 seconds of dates in words; each way to read them is tried on what the ones before it left."""
    found = pl.Series(text.name, [None], dtype=pl.Int64).new_from_index(0, len(text))
    for reader in (*map(_moments, FORMATS), *map(_days, DATE_FORMATS), _one_by_one):
        left = (found.is_null() & text.is_not_null()).arg_true()
        if len(left) == len(text):
            found = reader(text)
        elif len(left):
            found = found.scatter(left, reader(text.gather(left)))
    return found


def _moments(form: str) -> Callable[[pl.Series], pl.Series]:
    return lambda text: text.str.to_datetime(form, strict=False, time_unit="us").dt.epoch("s").cast(pl.Int64)


def _days(form: str) -> Callable[[pl.Series], pl.Series]:
    return lambda text: text.str.to_date(form, strict=False).cast(pl.Datetime("us")).dt.epoch("s").cast(pl.Int64)


def _one_by_one(text: pl.Series) -> pl.Series:
    """Any other ISO 8601, with zones and weeks."""
    return pl.Series(text.name, [_iso(value) for value in text], dtype=pl.Int64)


def _iso(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return math.floor((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _compact_seconds(numbers: pl.Series) -> pl.Series | None:
    """Seconds of numbers such as 20180104 or 20180104123000; None unless more than half are such dates of one length."""
    whole = numbers.cast(pl.Int64, strict=False)
    for digits, form in COMPACT.items():
        fits = whole.is_between(10 ** (digits - 1), 10**digits - 1)
        if fits.sum() * 2 <= numbers.count():
            continue
        times = whole.set(~fits, None).cast(pl.String).str.to_datetime(form, strict=False, time_unit="us")
        plausible = times.dt.year().is_between(1900, 2200).fill_null(value=False)
        if plausible.sum() * 2 > numbers.count():
            return times.set(~plausible, None).dt.epoch("s").cast(pl.Int64)
    return None


def _scaled(numbers: pl.Series) -> tuple[pl.Series, bool]:
    compact = _compact_seconds(numbers)
    if compact is not None:
        return compact, True
    sizes = numbers.abs()
    num_large, num_small = int((sizes >= ORDER_LIMIT).sum()), int(((sizes > 0) & (sizes < ORDER_LIMIT)).sum())
    if not num_large or num_large < num_small:
        # An order may have fractions: what counts is which comes first.
        whole = numbers.cast(pl.Int64, strict=False)
        return (whole if (whole == numbers).all() else numbers.rank("dense").cast(pl.Int64)), False
    seconds = numbers // 10**9
    for limit, ticks in reversed(UNITS):
        seconds = (numbers // ticks).zip_with(sizes < limit, seconds)
    return seconds.cast(pl.Int64), True

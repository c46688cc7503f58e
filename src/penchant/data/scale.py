"""The scale that ratings were given on, from the ratings alone."""

import polars as pl

from penchant.records.words import RATING_KINDS


def rating_scale(events: pl.DataFrame) -> tuple[float, float] | None:
    """Lowest and highest rating of the rating kinds, widened to 1..5, 0.5..5, 1..10 or 0..10 where it is clearly that.

    None without ratings, or where all are equal and say nothing of a scale.

    >>> rating_scale(pl.DataFrame({"kind": ["rate", "rate"], "value": [2.0, 5.0]}))
    (1.0, 5.0)
    """
    ratings = ratings_of(events)
    if ratings.is_empty():
        return None
    values = [float(value) for value in ratings.unique().sort()]
    low, high = _widened(values)
    return (low, high) if low < high else None


def ratings_of(events: pl.DataFrame) -> pl.Series:
    """The values that are ratings: those of the rating kinds."""
    return events.filter(pl.col("kind").is_in(RATING_KINDS))["value"].drop_nulls()


def _widened(values: list[float]) -> tuple[float, float]:
    low, high = values[0], values[-1]
    halves = any(value % 1 == 0.5 for value in values)
    if 3 < high <= 5 and low >= 0.5:
        return (0.5 if halves else 1.0), 5.0
    if 7 < high <= 10 and low >= 0:
        return (0.0 if low < 1 else 1.0), 10.0
    return low, high

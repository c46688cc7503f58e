"""The scale that ratings were given on, from the ratings alone; a few values far off it don't count."""

import polars as pl

from penchant.records.words import RATING_KINDS

COMMON_SCALES = ((0.5, 5.0), (0.0, 10.0), (0.0, 100.0))
MAX_OFF_SCALE = 0.01
"""Off a common scale may lie this share of the ratings, or a single one of at least `FEW`."""
FEW = 20


def rating_scale(events: pl.DataFrame) -> tuple[float, float] | None:
    """Lowest and highest rating of the rating kinds, widened to 1..5, 0.5..5, 1..10 or 0..10 where it is clearly that.

    Where nearly all ratings lie on a common scale, the few that don't are mistakes and widen nothing.
    None without ratings, or where all are equal and say nothing of a scale.

    >>> rating_scale(pl.DataFrame({"kind": ["rate", "rate"], "value": [2.0, 5.0]}))
    (1.0, 5.0)
    >>> rating_scale(pl.DataFrame({"kind": ["rate"] * 21, "value": [1.0, 3.0, 4.0, 5.0] * 5 + [55.0]}))
    (1.0, 5.0)
    """
    counts = ratings_of(events).value_counts(name="count").sort("value")
    if counts.is_empty():
        return None
    values = _on_scale(counts)["value"].to_list()
    low, high = _widened(values)
    return (low, high) if low < high else None


def ratings_of(events: pl.DataFrame) -> pl.Series:
    """The values that are ratings: those of the rating kinds."""
    return events.filter(pl.col("kind").is_in(RATING_KINDS))["value"].cast(pl.Float64).drop_nulls()


def _on_scale(counts: pl.DataFrame) -> pl.DataFrame:
    """The ratings (value, count; sorted) on the smallest common scale that nearly all of them lie on, else all."""
    total = int(counts["count"].sum())
    for low, high in COMMON_SCALES:
        on = counts.filter(pl.col("value").is_between(low, high))
        off = total - int(on["count"].sum())
        if on.height >= 4 and on["value"][-1] == high and _is_little(off, total) and not _only_falls(on["count"]):
            return on
    return counts


def _is_little(off: int, total: int) -> bool:
    return off <= MAX_OFF_SCALE * total or (off == 1 and total >= FEW)


def _only_falls(counts: pl.Series) -> bool:
    """Each value rarer than the one below: so do counts of plays with their long tail, which no scale ends."""
    return bool((counts.diff().drop_nulls() < 0).all())


def _widened(values: list[float]) -> tuple[float, float]:
    low, high = values[0], values[-1]
    halves = any(value % 1 == 0.5 for value in values)
    if 3 < high <= 5 and low >= 0.5:
        return (0.5 if halves else 1.0), 5.0
    if 7 < high <= 10 and low >= 0:
        return (0.0 if low < 1 else 1.0), 10.0
    return low, high

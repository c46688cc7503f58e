"""Ratings, counts, prices and times -> numbers of like size, and back. Fitted on the rows that it is given, and on no others.

No person is kept: whoever rates high is told from their own known events, so forgetting them is deleting these.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import polars as pl

from penchant.data.scale import rating_scale
from penchant.records.errors import DataError
from penchant.records.words import RATING_KINDS

PRIOR = 5.0
"""So many ratings of the average person are added to everybody's own."""
FREE = r"(?i)^\s*(free\b.*|免费|無料|gratis)\s*$"


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """Standard scores; where `log`, of log1p(x), for what is 0 or more: counts, prices, seconds. Back they are 0 or more too.

    >>> hours = Numbers.fit(np.array([0.0, 9.0, 99.0]), log=True)
    >>> hours.invert(hours.apply(np.array([5.0]))).round(9).tolist()
    [5.0]
    """

    log: bool
    mean: float
    deviation: float  # above 0

    @classmethod
    def fit(cls, values: np.ndarray, *, log: bool) -> Self:
        """Of the finite values, in any order; without any, or where all are equal, the deviation is 1."""
        values = np.sort(values[np.isfinite(values)]).astype(np.float64)
        values = np.log1p(values) if log else values
        deviation = float(values.std()) if len(values) else 0.0
        return cls(log=log, mean=float(values.mean()) if len(values) else 0.0, deviation=deviation or 1.0)

    def apply(self, values: np.ndarray) -> np.ndarray:
        values = values.astype(np.float64)
        return ((np.log1p(values) if self.log else values) - self.mean) / self.deviation

    def invert(self, scores: np.ndarray) -> np.ndarray:
        values = scores * self.deviation + self.mean
        return np.maximum(np.expm1(values), 0) if self.log else values


@dataclass(frozen=True, kw_only=True)
class Ratings:
    """Shares of the scale (0 lowest, 1 highest), less the mean share of the person who rates."""

    low: float
    high: float
    mean: float  # mean share of all training ratings

    @classmethod
    def fit(cls, ratings: pl.Series, scale: tuple[float, float]) -> Self:
        low, high = scale
        if not low < high:
            raise DataError(f"A rating scale goes from low to high, not from {low:g} to {high:g}. Name both ends.")
        shares = (ratings.drop_nulls().to_numpy() - low) / (high - low)
        return cls(low=low, high=high, mean=float(shares.mean()) if len(shares) else 0.5)

    def apply(self, ratings: np.ndarray, means: np.ndarray) -> np.ndarray:
        """means: each rater's mean share (`person_means`)."""
        return (ratings - self.low) / (self.high - self.low) - means

    def invert(self, normal: np.ndarray, means: np.ndarray) -> np.ndarray:
        return self.low + (normal + means) * (self.high - self.low)

    def person_means(self, user_ids: pl.Series, known: pl.DataFrame) -> np.ndarray:
        """Mean share of each person over their `known` ratings, drawn to the mean of all; that mean for strangers."""
        shares = (pl.col("value") - self.low) / (self.high - self.low)
        own = known.filter(pl.col("kind").is_in(RATING_KINDS) & pl.col("value").is_not_null())
        means = own.group_by("user_id").agg(mean=(shares.sum() + PRIOR * self.mean) / (pl.len() + PRIOR))
        table = user_ids.to_frame("user_id").join(means, on="user_id", how="left", maintain_order="left")
        return table["mean"].fill_null(self.mean).to_numpy()


@dataclass(frozen=True, kw_only=True)
class Times:
    """0 at the first training event, 1 at the last; later times lie above 1."""

    start: int
    span: int  # above 0

    @classmethod
    def fit(cls, times: np.ndarray) -> Self:
        start, end = (int(times.min()), int(times.max())) if len(times) else (0, 1)
        return cls(start=start, span=max(1, end - start))

    def apply(self, times: np.ndarray) -> np.ndarray:
        return (times - self.start) / self.span

    def invert(self, shares: np.ndarray) -> np.ndarray:
        """Whole seconds (or places of an order), int64."""
        return np.rint(shares * self.span).astype(np.int64) + self.start


@dataclass(frozen=True, kw_only=True)
class Normaliser:
    """All of them for one set of tables. `values`: of each other kind with values (hours, prices paid); `counts`: of
    events per item; `prices`: of items."""

    ratings: Ratings | None
    values: dict[str, Numbers]
    times: Times
    counts: Numbers
    prices: Numbers

    @classmethod
    def fit(
        cls,
        events: pl.DataFrame,
        prices: pl.Series | None = None,
        scale: tuple[float, float] | None = None,
    ) -> Self:
        """events: the training rows, columns `records.words`. scale: the rating scale where it is known."""
        rated = events.filter(pl.col("kind").is_in(RATING_KINDS))["value"].drop_nulls()
        scale = scale or rating_scale(events)
        others = events.filter(~pl.col("kind").is_in(RATING_KINDS) & pl.col("value").is_not_null())
        kinds = others["kind"].unique().sort().to_list()
        per_item = events["item_id"].drop_nulls().value_counts(name="count")["count"]
        priced = np.zeros(0) if prices is None else prices.drop_nulls().to_numpy()
        return cls(
            ratings=None if scale is None else Ratings.fit(rated, scale),
            values={kind: Numbers.fit(others.filter(kind=kind)["value"].to_numpy(), log=True) for kind in kinds},
            times=Times.fit(events["timestamp"].to_numpy()),
            counts=Numbers.fit(per_item.to_numpy().astype(np.float64), log=True),
            prices=Numbers.fit(priced, log=True),
        )

    def apply(self, events: pl.DataFrame, known: pl.DataFrame) -> pl.Series:
        """The normal value of each event; NaN for a kind without values in training, or an event without one.

        known: the events that may be known of the people, such as the training rows or a stranger's history.
        """
        return self._each(events, known, events["value"], "apply")

    def invert(self, normal: pl.Series, events: pl.DataFrame, known: pl.DataFrame) -> pl.Series:
        """What `apply` gave, or a prediction of it, in the user's own units; only kind and person of `events` count."""
        return self._each(events, known, normal, "invert")

    def to_dict(self) -> dict[str, Any]:
        """For the artifact: numbers only, no id."""
        return asdict(self)

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Self:
        return cls(
            ratings=None if kept["ratings"] is None else Ratings(**kept["ratings"]),
            values={kind: Numbers(**numbers) for kind, numbers in kept["values"].items()},
            times=Times(**kept["times"]),
            counts=Numbers(**kept["counts"]),
            prices=Numbers(**kept["prices"]),
        )

    def _each(self, events: pl.DataFrame, known: pl.DataFrame, column: pl.Series, way: str) -> pl.Series:
        given = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
        found = np.full(len(given), np.nan)
        for kind, numbers in self.values.items():
            rows = (events["kind"] == kind).to_numpy()
            found[rows] = getattr(numbers, way)(given[rows])
        rated = events["kind"].is_in(RATING_KINDS)
        if self.ratings is not None and rated.any():
            rows = rated.to_numpy()
            means = self.ratings.person_means(events["user_id"].filter(rated), known)
            found[rows] = getattr(self.ratings, way)(given[rows], means)
        return pl.Series("normal", found)


def to_prices(column: pl.Series) -> pl.Series:
    """Float64 of prices as shops write them, in whatever currency they are; null for what is no single price.

    Where a comma and a point stand in one price the last is the decimal mark; alone, a comma before two last digits is.

    >>> to_prices(pl.Series(["$1,250.00", "1.250,50 €", "￥99", "12,5", "Free To Play", "10 - 20", "4,99"])).to_list()
    [1250.0, 1250.5, 99.0, 125.0, 0.0, None, 4.99]
    """
    if column.dtype.is_numeric():
        numbers = column.cast(pl.Float64)
        return numbers.set(~numbers.is_finite().fill_null(value=False), None)
    text = column.cast(pl.String)
    numbers = text.str.extract_all(r"\d[\d.,]*\d|\d")
    number = numbers.list.first().set(numbers.list.len() != 1, None)
    decimal_comma = number.str.contains(r"\..*,\d+$|^\d+,\d{2}$").fill_null(value=False)
    plain = number.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    found = plain.zip_with(decimal_comma, number.str.replace_all(",", "", literal=True)).cast(pl.Float64, strict=False)
    return found.set(text.str.contains(FREE).fill_null(value=False), 0.0)

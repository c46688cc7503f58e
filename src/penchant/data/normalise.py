"""Counts, hours, prices and gaps of time -> numbers of like size, and back. Fitted on the rows that are given, and no others.

No person is kept: whoever rates high is told from their own known events, so forgetting them is deleting these.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl

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


def to_prices(column: pl.Series) -> pl.Series:
    """Float64 of prices as shops write them, in whatever currency they are; null for what is no single price.

    Where a comma and a point stand in one price the last is the decimal mark; alone, a comma before one or two last digits is.

    >>> to_prices(pl.Series(["$1,250.00", "1.250,50 €", "￥99", "12,5", "Free To Play", "10 - 20", "4,99"])).to_list()
    [1250.0, 1250.5, 99.0, 12.5, 0.0, None, 4.99]
    """
    if column.dtype.is_numeric():
        numbers = column.cast(pl.Float64)
        return numbers.set(~numbers.is_finite().fill_null(value=False), None)
    text = column.cast(pl.String)
    numbers = text.str.extract_all(r"\d[\d.,]*\d|\d")
    number = numbers.list.first().set(numbers.list.len() != 1, None)
    decimal_comma = number.str.contains(r"\..*,\d+$|^\d+,\d{1,2}$").fill_null(value=False)
    plain = number.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    found = plain.zip_with(decimal_comma, number.str.replace_all(",", "", literal=True)).cast(pl.Float64, strict=False)
    return found.set(text.str.contains(FREE).fill_null(value=False), 0.0)

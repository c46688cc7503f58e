"""Which number of events tells beforehand what a pair head foresees: where it lies in an event, and in which units it counts.

Who adds it up, by items and by people, is `models/offsets.py`.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from penchant.data.normalise import Numbers
from penchant.records.events import Events, Histories

SPREAD_OF_RATINGS = 0.25
"""A fourth of the scale."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """`column` of events; of those `kinds` alone, as places in `words.KINDS`, of all where there are none; `spread`: above 0,
    how far the units usually lie apart."""

    column: Literal["values", "amounts"]
    numbers: Numbers
    spread: float
    kinds: tuple[int, ...] = ()

    def of(self, events: Events | Histories) -> np.ndarray:
        """Units, float64 (N,); NaN where an event has no such number."""
        found = getattr(events, self.column)
        if found is None:
            return np.full(len(events.item_rows), np.nan)
        has_one = np.isin(events.kinds, self.kinds) if self.kinds else np.ones(len(found), bool)
        if self.numbers.log:
            has_one &= found >= 0
        return self.numbers.apply(np.where(has_one, found, np.nan))


def ratings(scale: tuple[float, float]) -> Evidence:
    """Ratings as shares of their scale.

    >>> ratings((1.0, 5.0)).numbers.apply(np.array([2.0])).tolist()
    [0.25]
    """
    numbers = Numbers(log=False, mean=scale[0], deviation=scale[1] - scale[0])
    return Evidence(column="values", numbers=numbers, spread=SPREAD_OF_RATINGS)

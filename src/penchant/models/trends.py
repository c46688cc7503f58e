"""How popular each item was lately, at moments of the past and now: what drifts, for a network that looks at the clock.

value_h(i, t) = log(1 + c_h(i, t) / mean over items of c_h(., t)), where c_h adds up the events until t, each weighing half
once h of all events came after it. While learning, an event sees a moment before its own time, so never itself.
Legend: M moments, H half-lives, I items, N requests.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np

from penchant.records.events import Events

HALF_LIVES = (0.02, 0.2)
"""As shares of all events: the fashion of the day, and of the season."""
NUM_MOMENTS = 64
MAX_CELLS = 20_000_000
"""Large catalogues are looked at less often, so that the table stays below 80 MB."""
BEGINNING = np.iinfo(np.int64).min


@dataclass(frozen=True, kw_only=True)
class Trends:
    """`moments`: int64 (M,), ascending; `values`: float32 (M, H, I), what was known at each. Row 0: nothing yet."""

    moments: np.ndarray
    values: np.ndarray

    @classmethod
    def fit(cls, events: Events, num_items: int) -> Self:
        """Moments are spread evenly over the events, which are in order of time; the last one is now."""
        met = np.flatnonzero(events.item_rows >= 0)
        rows, times = events.item_rows[met], events.timestamps[met]
        num = min(NUM_MOMENTS, max(2, MAX_CELLS // max(1, num_items * len(HALF_LIVES))), len(met))
        ends = np.linspace(0, len(met), num + 1).astype(np.int64)
        counts = np.zeros((len(HALF_LIVES), num_items))
        values = np.zeros((num + 1, len(HALF_LIVES), num_items), np.float32)
        for place, (begin, end) in enumerate(pairwise(ends), start=1):
            since = np.arange(end - begin)[::-1]
            for count, share in zip(counts, HALF_LIVES, strict=True):
                kept = 0.5 ** (1 / (share * len(met)))
                count *= kept ** (end - begin)
                count += np.bincount(rows[begin:end], kept**since, num_items)
            values[place] = np.log1p(counts / counts.mean(axis=1, keepdims=True))
        return cls(moments=np.concatenate([[BEGINNING], times[ends[1:] - 1]]).astype(np.int64), values=values)

    def before(self, times: np.ndarray) -> np.ndarray:
        """Row of the last moment strictly before each time, int64 (N,)."""
        return np.maximum(np.searchsorted(self.moments, times, side="left") - 1, 0)

    def at(self, times: np.ndarray) -> np.ndarray:
        """Row of the last moment at or before each time, int64 (N,)."""
        return np.maximum(np.searchsorted(self.moments, times, side="right") - 1, 0)

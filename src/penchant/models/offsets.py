"""How much above the average an item is rated and a person rates: shrunk means, the bias model as an input of the heads.

offset(item) = sum of (rating - mean) / (count + 10); offset(person) likewise over what is left, from the history alone, so
strangers have one too. While learning, an event never sees itself: items leave it out, people only look back.
"""

from dataclasses import dataclass

import numpy as np

from penchant.records.events import Events, Histories

SHRINKAGE = 10.0


@dataclass(frozen=True, kw_only=True)
class RatingOffsets:
    """Ratings on the scale 0..1; `sums` and `counts` are float32 (I,), of events by their weights."""

    mean: float
    scale: tuple[float, float]
    sums: np.ndarray
    counts: np.ndarray

    @classmethod
    def fit(cls, events: Events, num_items: int, scale: tuple[float, float]) -> "RatingOffsets":
        rated = ~np.isnan(events.values) & (events.item_rows >= 0)
        units = (events.values[rated] - scale[0]) / (scale[1] - scale[0])
        weights = events.trust[rated]
        mean = float(np.average(units, weights=weights)) if rated.any() else 0.5
        sums = np.bincount(events.item_rows[rated], weights * (units - mean), num_items)
        counts = np.bincount(events.item_rows[rated], weights, num_items)
        return cls(mean=mean, scale=scale, sums=sums.astype(np.float32), counts=counts.astype(np.float32))

    def items(self) -> np.ndarray:
        """Offset of every item, float32 (I,)."""
        return self.sums / (self.counts + np.float32(SHRINKAGE))

    def people(self, histories: Histories) -> np.ndarray:
        """Offset of each person, float32 (B,); 0 without ratings."""
        left, rated = self._left(histories.values, histories.item_rows)
        sums = np.bincount(histories.owners, left, len(histories))
        counts = np.bincount(histories.owners, rated, len(histories))
        return (sums / (counts + SHRINKAGE)).astype(np.float32)

    def while_learning(self, events: Events, num_users: int) -> np.ndarray:
        """Offsets (item without this event, person before this event) of events in order of time; float32 (N, 2)."""
        order, ptr = events.grouped(num_users)
        found = np.empty((len(events), 2), np.float32)
        found[order] = self._grouped(events.take(order), ptr)
        return found

    def _grouped(self, events: Events, ptr: np.ndarray) -> np.ndarray:
        rows = np.maximum(events.item_rows, 0)
        rated = ~np.isnan(events.values) & (events.item_rows >= 0)
        own = np.where(rated, (events.values - self.scale[0]) / (self.scale[1] - self.scale[0]) - self.mean, 0)
        counted = rated * events.trust
        item = (self.sums[rows] - counted * own) / (np.maximum(self.counts[rows] - counted, 0) + SHRINKAGE)
        left, known = self._left(events.values, events.item_rows)
        person = _before(left, ptr) / (_before(known.astype(np.float64), ptr) + SHRINKAGE)
        return np.stack([np.where(events.item_rows >= 0, item, 0), person], axis=1).astype(np.float32)

    def _left(self, values: np.ndarray, item_rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What of each rating is not the item's doing, 0 without one; and whether there is one."""
        inside = (item_rows >= 0) & (item_rows < len(self.sums))
        offsets = np.where(inside, self.items()[np.where(inside, item_rows, 0)], 0)
        rated = ~np.isnan(values)
        units = (values - self.scale[0]) / (self.scale[1] - self.scale[0])
        return np.where(rated, units - self.mean - offsets, 0).astype(np.float64), rated


def _before(values: np.ndarray, ptr: np.ndarray) -> np.ndarray:
    """Sum of what came earlier in the same group, float64 (N,)."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray(total[:-1] - np.repeat(total[ptr[:-1]], np.diff(ptr)))

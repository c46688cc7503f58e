"""How much above the average an item is rated and a person rates, or spends time: the bias model, as an input of the heads.

offset(item) = sum of (rating - mean - offset(person)) / (count + 2), offset(person) = sum of (rating - mean - offset(item)) /
(count + 10), in turns until both stand (Koren, TKDD 2010): an item is not better for having been rated by mild people. Of
a person only the history is asked, so strangers have one too. While learning, an event never sees itself: items leave it
out, people only look back. Ratings stand here for any number that events carry, see `Evidence`.
"""

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from penchant.models.tastes import item_tastes, near
from penchant.records.events import Events, Histories
from penchant.tasks.evidence import SPREAD_OF_RATINGS, Evidence

ITEM_SHRINKAGE, PERSON_SHRINKAGE = 2.0, 10.0
"""Ratings at the average that each starts with (docs/experiments.md)."""
NUM_TURNS = 10


@dataclass(frozen=True, kw_only=True, eq=False)
class Offsets:
    """All in the units of `evidence`. `sums` and `counts`: float32 (I,), of what the levels of people leave of the ratings, by
    the weights of the events; `tastes`: float32 (I, W), see `item_tastes`, with the levels of items off too."""

    mean: float
    evidence: Evidence
    sums: np.ndarray
    counts: np.ndarray
    tastes: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.float32))

    @classmethod
    def fit(cls, events: Events, num_items: int, evidence: Evidence) -> Self:
        units = evidence.of(events)
        rated = ~np.isnan(units) & (events.item_rows >= 0)
        units = units[rated]
        weights, rows, users = events.trust[rated], events.item_rows[rated], events.user_rows[rated]
        mean = float(np.average(units, weights=weights)) if rated.any() else 0.5 * (not evidence.numbers.log)
        counts, known = np.bincount(rows, weights, num_items), np.bincount(users, weights)
        people: np.ndarray = np.zeros(len(known))
        for _ in range(NUM_TURNS):
            sums = np.bincount(rows, weights * (units - mean - people[users]), num_items)
            items = sums / (counts + ITEM_SHRINKAGE)
            people = np.bincount(users, weights * (units - mean - items[rows])) / (known + PERSON_SHRINKAGE)
        left = weights * (units - mean - items[rows] - people[users]) * (SPREAD_OF_RATINGS / evidence.spread)
        return cls(
            mean=mean,
            evidence=evidence,
            sums=sums.astype(np.float32),
            counts=counts.astype(np.float32),
            tastes=item_tastes(left, users, rows, num_items),
        )

    def items(self) -> np.ndarray:
        """Offset of every item, float32 (I,)."""
        return self.sums / (self.counts + np.float32(ITEM_SHRINKAGE))

    def pairs(
        self, histories: Histories, owners: np.ndarray, item_rows: np.ndarray, beside: np.ndarray | None = None
    ) -> np.ndarray:
        """Offsets (item, person) of M pairs, the same for every output of a head: float32 (M, 1, 2); a raw item has 0."""
        own = self.items()
        inside = item_rows < len(own)
        item = np.where(inside, own[np.where(inside, item_rows, 0)], 0)
        return np.stack([item, self.people(histories)[owners]], axis=1).astype(np.float32)[:, None]

    def people(self, histories: Histories) -> np.ndarray:
        """Offset of each person, float32 (B,); 0 without ratings."""
        left, rated = self._left(histories)
        sums = np.bincount(histories.owners, left, len(histories))
        counts = np.bincount(histories.owners, rated, len(histories))
        return (sums / (counts + PERSON_SHRINKAGE)).astype(np.float32)

    def near(self, histories: Histories, owners: np.ndarray, item_rows: np.ndarray) -> np.ndarray:
        """Offset of each person for one item each, by the ratings of items that are rated alike: float32 (M,).

        Learned from ratings that it says again: heads don't read it while learning, calibration does on held-out rows.
        """
        left, rated = self._left(histories)
        found, order = np.zeros(len(owners), np.float32), np.argsort(owners, kind="stable")
        people, starts = np.unique(owners[order], return_index=True)
        for person, asked in zip(people, np.split(order, starts[1:]), strict=True):
            begin, end = histories.ptr[person : person + 2]
            own = begin + np.flatnonzero(rated[begin:end])
            found[asked] = near(self.tastes, left[own], histories.item_rows[own], item_rows[asked])
        return found

    def alone(self, offsets: np.ndarray) -> np.ndarray:
        """What is foreseen without a network, (M,) of the first two offsets (M, 2): a rating stays on its scale."""
        units = self.mean + offsets.sum(axis=1)
        return units if self.evidence.numbers.log else np.clip(units, 0, 1)

    def while_learning(self, events: Events, num_users: int) -> np.ndarray:
        """Offsets (item without this event, person before this event) of events in order of time; float32 (N, 1, 2)."""
        order, ptr = events.grouped(num_users)
        found = np.empty((len(events), 2), np.float32)
        found[order] = self._grouped(events.take(order), ptr)
        return found[:, None]

    def _grouped(self, events: Events, ptr: np.ndarray) -> np.ndarray:
        rows, users, trust = np.maximum(events.item_rows, 0), events.user_rows, events.trust
        left, known = self._left(events)
        rated = known & (events.item_rows >= 0)
        sums, counts = (np.bincount(users, rated * trust * values)[users] for values in (left, np.ones(len(events))))
        own = np.where(rated, left + self.items()[rows] - sums / (counts + PERSON_SHRINKAGE), 0)
        counted = rated * trust
        item = (self.sums[rows] - counted * own) / (np.maximum(self.counts[rows] - counted, 0) + ITEM_SHRINKAGE)
        person = _before(left, ptr) / (_before(known.astype(np.float64), ptr) + PERSON_SHRINKAGE)
        return np.stack([np.where(events.item_rows >= 0, item, 0), person], axis=1).astype(np.float32)

    def _left(self, events: Events | Histories) -> tuple[np.ndarray, np.ndarray]:
        """What of each rating is not the item's doing, 0 without one; and whether there is one."""
        units, item_rows = self.evidence.of(events), events.item_rows
        inside = (item_rows >= 0) & (item_rows < len(self.sums))
        offsets = np.where(inside, self.items()[np.where(inside, item_rows, 0)], 0)
        rated = ~np.isnan(units)
        return np.where(rated, units - self.mean - offsets, 0).astype(np.float64), rated


def _before(values: np.ndarray, ptr: np.ndarray) -> np.ndarray:
    """Sum of what came earlier in the same group, float64 (N,)."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray(total[:-1] - np.repeat(total[ptr[:-1]], np.diff(ptr)))

"""How often what a head foresees came true before: of the item, and of lists of this length; in log-odds above the mean share.

logit((hits + strength * mean) / (rows + strength)) - logit(mean): empirical Bayes, with the strength that the spread of the
items' shares speaks for (Kleinman, JASA 1973); an item without rows has 0. Who is shown fifty things at once looks at few of
them: the longer the list, the less says a thing that was left. While learning, a row is told of earlier rows, and of other
people's: a purchase answers for every look that led to it. Of a person nothing is told: what they left is not in their history.
Legend: A rows, I items, L lengths, O outputs of the head, M pairs.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from penchant.records.events import Events, Histories

STRENGTHS = (1.0, 1000.0)
LEAST = 1e-6
NUM_LENGTHS = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class Shares:
    """`hits` and `rows`: float32 (I, O), by the weights of the events; `list_hits` and `list_rows`: float32 (L, O), by the
    length of the list, see `_length`; `means` and `strengths`: float32 (O,)."""

    hits: np.ndarray
    rows: np.ndarray
    list_hits: np.ndarray
    list_rows: np.ndarray
    means: np.ndarray
    strengths: np.ndarray

    @classmethod
    def fit(cls, events: Events, outcomes: np.ndarray, num_items: int) -> Self:
        """outcomes: float32 (A, O) of the events that were asked about, 0..1, NaN where an output was not asked."""
        known, hits = _counted(events, outcomes)
        inside = events.item_rows >= 0
        items = events.item_rows[inside]
        summed = [_by_item(items, values[inside], num_items) for values in (hits, known)]
        means = np.clip(hits.sum(axis=0) / np.maximum(known.sum(axis=0), LEAST), LEAST, 1 - LEAST)
        strengths = [strength(*columns) for columns in zip(*(values.T for values in summed), means, strict=True)]
        lengths = _length(beside(events))
        summed += [_by_item(lengths, values, NUM_LENGTHS) for values in (hits, known)]
        names = ("hits", "rows", "list_hits", "list_rows")
        return cls(
            **{name: values.astype(np.float32) for name, values in zip(names, summed, strict=True)},
            means=means.astype(np.float32),
            strengths=np.array(strengths, np.float32),
        )

    def pairs(
        self, histories: Histories, owners: np.ndarray, item_rows: np.ndarray, beside: np.ndarray | None = None
    ) -> np.ndarray:
        """Offsets (item, length of the list) of M pairs for each output: float32 (M, O, 2); a raw item has 0, and so has a
        list of which nobody says how long it is."""
        own = self._offsets(self.hits, self.rows)
        inside = item_rows < len(own)
        item = np.where(inside[:, None], own[np.where(inside, item_rows, 0)], 0)
        if beside is None:
            return np.stack([item, np.zeros_like(item)], axis=2)
        return np.stack([item, self._offsets(self.list_hits, self.list_rows)[_length(beside)]], axis=2)

    def near(self, histories: Histories, owners: np.ndarray, item_rows: np.ndarray) -> np.ndarray:
        """Nothing is told of a person near an item: zeros (M,)."""
        return np.zeros(len(owners), np.float32)

    def alone(self, offsets: np.ndarray) -> np.ndarray:
        """The chance without a network, (M,) of offsets (M, 2) summed over the outputs: of all that they say together."""
        return np.asarray(1 / (1 + np.exp(-_logit(self.means.prod()) - offsets.sum(axis=1))))

    def while_learning(self, events: Events, outcomes: np.ndarray) -> np.ndarray:
        """Offsets (item by what others did before this row, length of the list by what others did) of the rows that were
        asked: float32 (A, O, 2)."""
        known, hits = _counted(events, outcomes)
        items = events.item_rows.astype(np.int64)
        num_users = int(events.user_rows.max(initial=0)) + 1
        people = items * num_users + events.user_rows
        told = np.concatenate([hits, known], axis=1)
        by_others = _before(items, events.timestamps, told) - _before(people, events.timestamps, told)
        item = self._offsets(*np.split(by_others, 2, axis=1)) * (items >= 0)[:, None]
        lengths = _length(beside(events))
        _, owners = np.unique(lengths * num_users + events.user_rows, return_inverse=True)
        others = np.concatenate([self.list_hits, self.list_rows], axis=1)[lengths] - _by_item(owners, told)[owners]
        return np.stack([item, self._offsets(*np.split(others, 2, axis=1))], axis=2).astype(np.float32)

    def _offsets(self, hits: np.ndarray, rows: np.ndarray) -> np.ndarray:
        # In float32 the share of millions of hits is 1, and its logit infinite.
        hits, rows = hits.astype(np.float64), rows.astype(np.float64)
        shares = (hits + self.strengths * self.means) / (rows + self.strengths)
        return np.asarray(_logit(shares) - _logit(self.means), np.float32)


def beside(events: Events) -> np.ndarray:
    """How many rows there are of each row's person and time, itself among them: int64 (A,)."""
    order = np.lexsort((events.timestamps, events.user_rows))
    new = _changes(events.user_rows[order]) | _changes(events.timestamps[order])
    groups = np.empty(len(events), np.int64)
    groups[order] = np.cumsum(new) - 1
    return np.asarray(np.bincount(groups)[groups])


def _length(beside: np.ndarray) -> np.ndarray:
    """1, 2, 3, 4 to 5, 6 to 7, 8 to 11 and so on: two steps for each doubling, int64 (A,)."""
    return np.minimum(2 * np.log2(beside), NUM_LENGTHS - 1).astype(np.int64)


def strength(hits: np.ndarray, rows: np.ndarray, mean: float) -> float:
    """How many rows of the mean an item starts with: 1 / r - 1, where r is the likeness of two rows of one item beyond chance.

    hits, rows: (I,). By the moments of the beta-binomial, within `STRENGTHS`; the most where nothing tells.

    >>> strength(np.array([0.0, 50.0]), np.array([50.0, 50.0]), 0.5)  # all or nothing
    1.0
    >>> strength(np.array([5.0, 5.0]), np.array([50.0, 50.0]), 0.1)  # no item differs
    1000.0
    """
    hits, rows = hits[rows > 0], rows[rows > 0]
    free = len(rows) - 1
    spread = (rows * (hits / rows - mean) ** 2).sum() / (mean * (1 - mean))
    pairs = rows.sum() - (rows**2).sum() / max(rows.sum(), 1) - free
    likeness = (spread - free) / pairs if pairs > 0 else 0.0
    low, high = STRENGTHS
    return float(np.clip(1 / max(likeness, 1 / (1 + high)) - 1, low, high))


def _counted(events: Events, outcomes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What was asked and what came true, by the weights of the events: float64 (A, O) each."""
    asked = ~np.isnan(outcomes)
    weights = events.trust[:, None].astype(np.float64)
    return asked * weights, np.where(asked, outcomes, 0) * weights


def _by_item(items: np.ndarray, values: np.ndarray, num_items: int = 0) -> np.ndarray:
    """Sums of the values (A, V) of each item: (I, V)."""
    return np.stack([np.bincount(items, column, num_items) for column in values.T], axis=1)


def _before(groups: np.ndarray, times: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sum of the values (A, V) of earlier times in the same group, (A, V); what is of one time does not see each other."""
    order = np.lexsort((times, groups))
    first_of_group = _changes(groups[order])
    first_of_time = first_of_group | _changes(times[order])
    total = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values[order], axis=0)])
    places = np.arange(len(order))
    begin, end = (np.maximum.accumulate(np.where(firsts, places, 0)) for firsts in (first_of_group, first_of_time))
    found = np.empty_like(total[1:])
    found[order] = total[end] - total[begin]
    return found


def _changes(numbers: np.ndarray) -> np.ndarray:
    """bool (A,): another number than the one before."""
    return np.concatenate([[True], numbers[1:] != numbers[:-1]])[: len(numbers)]


def _logit(shares: np.ndarray) -> np.ndarray:
    return np.asarray(np.log(shares / (1 - shares)))

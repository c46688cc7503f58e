"""Named groups of cases and of items, so that a mean hides nobody. They cut results up and compute no metric."""

from collections.abc import Iterator

import numpy as np

from penchant.evaluation.cases import Cases
from penchant.evaluation.ranking import CaseResults

_Ranges = dict[str, tuple[float, float]]  # name -> smallest and largest count

_LENGTHS: _Ranges = {
    "history_1-5": (1, 5),
    "history_6-20": (6, 20),
    "history_21-100": (21, 100),
    "history_101+": (101, np.inf),
}
_FREQUENCIES: _Ranges = {"items_0": (0, 0), "items_1-5": (1, 5), "items_6-20": (6, 20), "items_head": (21, np.inf)}

FINE_GROUPS = frozenset({*_LENGTHS, *_FREQUENCIES})
"""Of lengths of histories and of numbers of events."""


def user_groups(cases: Cases) -> dict[str, np.ndarray]:
    """bool (C,) for each kind of person; after "all", every case is in exactly one group.

    all; warm: in training, with a history; cold_history: a stranger who brings a history; no_history: nothing is known.
    """
    some = cases.histories.lengths > 0
    return {
        "all": np.ones(len(cases), bool),
        "warm": some & cases.known_users,
        "cold_history": some & ~cases.known_users,
        "no_history": ~some,
    }


def history_groups(cases: Cases) -> dict[str, np.ndarray]:
    """bool (C,) for each range of the number of past events."""
    return _ranges(cases.histories.lengths, _LENGTHS)


def item_groups(cases: Cases, train_counts: np.ndarray) -> dict[str, np.ndarray]:
    """bool (I,) for each kind of item: in training or not, and by number of training events (int (I,))."""
    kinds = {"known_items": cases.known_items, "cold_items": ~cases.known_items}
    return kinds | _ranges(train_counts, _FREQUENCIES)


def sliced(results: CaseResults, train_counts: np.ndarray) -> Iterator[tuple[str, CaseResults]]:
    """`name, results` of every group that has cases: people, lengths of histories, and relevant items.

    For item groups only the items of the group count as relevant, and cases without any drop out.
    """
    for name, rows in {**user_groups(results.cases), **history_groups(results.cases)}.items():
        if rows.any():
            yield name, results.select(rows)
    for name, items in item_groups(results.cases, train_counts).items():
        part = results.among(items)
        if len(part):
            yield name, part


def _ranges(counts: np.ndarray, ranges: _Ranges) -> dict[str, np.ndarray]:
    return {name: (counts >= low) & (counts <= high) for name, (low, high) in ranges.items()}

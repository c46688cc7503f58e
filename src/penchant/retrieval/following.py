"""Which items people meet soon after which others, counted block by block. Knows the order of events and no clock.

Legend: I items. A block is the rows of some items that stand side by side, CSR float32 (rows, I).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from penchant.records.events import Events
from penchant.retrieval.counting import in_catalogue, stretches

if TYPE_CHECKING:
    from scipy.sparse import csr_array  # type: ignore[import-untyped]

MOST_PAIRS = 4_000_000
"""Pairs of a block before they are added up: about 100 MB."""


def following(
    events: Events, num_items: int, window: int, gap_power: float, backward: float = 0.0, most: int = MOST_PAIRS
) -> Iterator[tuple[int, "csr_array"]]:
    """`first row, block` of the matrix (I, I) whose entry (i, j) is follows(i, j) + backward * follows(j, i).

    follows(i, j) is the sum of `gap ** -gap_power` over the times that somebody met j `gap` <= window steps after i.
    most: pairs of a block, so that the matrix never stands in memory whole; one item alone may have more.
    """
    from scipy.sparse import csr_array

    events = in_catalogue(events, num_items)
    order, _ = events.grouped(int(events.user_rows.max(initial=-1)) + 1)
    users, items = events.user_rows[order], events.item_rows[order]
    places = np.argsort(items, kind="stable")
    counts = np.bincount(items, minlength=num_items)
    ends = np.concatenate([[0], np.cumsum(counts)])
    steps = [(gap, gap**-gap_power) for gap in range(1, window + 1)]
    steps += [(-gap, backward * weight) for gap, weight in steps if backward]
    for first, last in stretches(counts * len(steps), most):
        some = places[ends[first] : ends[last]]
        parts = [_pairs(users, some, gap, weight) for gap, weight in steps]
        here, there, weights = (np.concatenate(part) for part in zip(*parts, strict=True))
        entries = (weights, (items[here] - first, items[there]))
        yield first, csr_array(entries, shape=(last - first, num_items))


def _pairs(users: np.ndarray, places: np.ndarray, gap: int, weight: float) -> tuple[np.ndarray, ...]:
    """Those of the places that have an event of the same user `gap` steps on, where that stands, and its weight."""
    there = places + gap
    inside = (there >= 0) & (there < len(users))
    here, there = places[inside], there[inside]
    same = users[here] == users[there]
    return here[same], there[same], np.full(int(same.sum()), weight, np.float32)

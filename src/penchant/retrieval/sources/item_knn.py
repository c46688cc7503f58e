"""Item-kNN: cosine between items over the people who met both (Deshpande and Karypis 2004), on recent events."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from penchant.records.events import Events
from penchant.retrieval.counting import best_of_rows, in_rows, interactions, stretches, without_diagonal
from penchant.retrieval.neighbours import NeighbourSource
from penchant.retrieval.settings import check_count, check_share, check_weight
from penchant.retrieval.source import Settings

if TYPE_CHECKING:
    from scipy.sparse import csr_array  # type: ignore[import-untyped]

MOST_PAIRS = 8_000_000
"""Pairs of items of a block: about 200 MB while they are weighed."""


class ItemKNN(NeighbourSource):
    """Each item keeps its nearest neighbours only, so that it holds at a hundred thousand items."""

    GRID: ClassVar[tuple[Settings, ...]] = tuple(
        {"num_neighbours": 400, "shrinkage": shrinkage, "decay": decay}
        for shrinkage in (0.0, 10.0)
        for decay in (0.6, 0.7, 0.8, 0.4)
    )

    @classmethod
    def fit(
        cls, events: Events, num_items: int, *, num_neighbours: int = 400, shrinkage: float = 0.0, decay: float = 0.6
    ) -> Self:
        """similarity(i, j) = people who met both / (sqrt(people of i * people of j) + shrinkage).

        num_neighbours: neighbours kept per item, at least 1.
        shrinkage: people; how much evidence a rare pair lacks, 0 or more.
        decay: weight of an event relative to the one after it, above 0 to 1.

        Raises:
            ConfigError: a setting is out of its range.
        """
        check_count("num_neighbours", num_neighbours)
        check_weight("shrinkage", shrinkage)
        check_share("decay", decay)
        met = interactions(events, num_items)
        blocks = [best_of_rows(block, num_neighbours) for block in _similarities(met, shrinkage)]
        settings: Settings = {"num_neighbours": num_neighbours, "shrinkage": shrinkage, "decay": decay}
        return cls(num_items, settings, in_rows(blocks, num_items))


def _similarities(met: "csr_array", shrinkage: float) -> Iterator["csr_array"]:
    """The item-item matrix in blocks of rows, so that it never stands in memory whole."""
    by_item = met.T.tocsr()
    root = np.sqrt(np.diff(by_item.indptr))
    others = by_item @ np.diff(met.indptr)  # of all who met an item, what they met: no row holds more pairs
    for first, last in stretches(np.minimum(others, met.shape[1]), MOST_PAIRS):
        pairs = without_diagonal(by_item[first:last] @ met, first).tocoo()
        pairs.data /= root[pairs.row + first] * root[pairs.col] + shrinkage
        yield pairs.tocsr()

"""Nearby items: cosine between items that the same people met within a few steps, on recent events."""

from typing import ClassVar, Self

import numpy as np

from penchant.records.events import Events
from penchant.retrieval.counting import best_of_rows, in_rows, item_counts, without_diagonal
from penchant.retrieval.following import following
from penchant.retrieval.neighbours import NeighbourSource
from penchant.retrieval.settings import check_count, check_share, check_weight
from penchant.retrieval.source import Settings


class Nearby(NeighbourSource):
    """Item-kNN and transitions in one: pairs count by how near they stand, and popular items are held down."""

    GRID: ClassVar[tuple[Settings, ...]] = tuple(
        {"backward": backward, "shrinkage": shrinkage, "gap_power": power, "decay": decay}
        for backward in (0.5, 1.0)
        for shrinkage in (5.0, 20.0)
        for power in (0.7, 0.4)
        for decay in (0.7, 0.8, 0.5)
    )

    @classmethod
    def fit(
        cls,
        events: Events,
        num_items: int,
        *,
        window: int = 20,
        gap_power: float = 0.7,
        backward: float = 0.5,
        shrinkage: float = 5.0,
        num_neighbours: int = 200,
        decay: float = 0.7,
    ) -> Self:
        """similarity(i, j) = (follows(i, j) + backward * follows(j, i)) / (sqrt(count(i) * count(j)) + shrinkage).

        follows(i, j) is the sum of `gap ** -gap_power` over the times that somebody met j `gap` steps after i,
        and count(i) the number of i's events.

        window: steps, the largest gap that counts, at least 1.
        gap_power: how fast a pair loses weight with its gap, 0 (not at all) or more.
        backward: weight of the opposite order, 0 or more.
        shrinkage: events; how much evidence a rare pair lacks, 0 or more.
        num_neighbours: neighbours kept per item, at least 1.
        decay: weight of an event relative to the one after it, above 0 to 1.

        Raises:
            ConfigError: a setting is out of its range.
        """
        check_count("window", window)
        check_weight("gap_power", gap_power)
        check_weight("backward", backward)
        check_weight("shrinkage", shrinkage)
        check_count("num_neighbours", num_neighbours)
        check_share("decay", decay)
        root = np.sqrt(item_counts(events, num_items))
        blocks = []
        for first, follows in following(events, num_items, window, gap_power, backward):
            pairs = without_diagonal(follows, first).tocoo()
            pairs.data /= root[pairs.row + first] * root[pairs.col] + shrinkage
            blocks.append(best_of_rows(pairs.tocsr(), num_neighbours))
        settings: Settings = {
            "window": window,
            "gap_power": gap_power,
            "backward": backward,
            "shrinkage": shrinkage,
            "num_neighbours": num_neighbours,
            "decay": decay,
        }
        return cls(num_items, settings, in_rows(blocks, num_items))

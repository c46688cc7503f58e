"""First-order transitions: what people meet soon after the items that this person met last."""

from typing import ClassVar, Self

import numpy as np

from penchant.records.events import Events
from penchant.retrieval.counting import best_of_rows, in_rows
from penchant.retrieval.following import following
from penchant.retrieval.neighbours import NeighbourSource
from penchant.retrieval.settings import check_count, check_share, check_weight
from penchant.retrieval.source import Settings


class Transitions(NeighbourSource):
    """A Markov chain with a soft window; an item's way back to itself counts, for those who repeat."""

    GRID: ClassVar[tuple[Settings, ...]] = tuple(
        {"backward": backward, "shrinkage": 20.0, "decay": decay}
        for backward in (0.5, 0.0, 1.0)
        for decay in (0.7, 0.8, 0.5, 0.3)
    )

    @classmethod
    def fit(
        cls,
        events: Events,
        num_items: int,
        *,
        window: int = 10,
        backward: float = 0.5,
        shrinkage: float = 20.0,
        num_successors: int = 500,
        decay: float = 0.7,
    ) -> Self:
        """P(j after i) = follows(i, j) / (sum over j of follows(i, j) + shrinkage).

        follows(i, j) is the sum of 1 / gap over the times that somebody met j `gap` steps after i,
        plus `backward` times that of the opposite order.

        window: steps, the largest gap that counts, at least 1.
        backward: weight of the opposite order, 0 (strictly forward) or more.
        shrinkage: in counts; how much evidence a rare item lacks, 0 or more.
        num_successors: successors kept per item, at least 1.
        decay: weight of an event relative to the one after it, above 0 to 1.

        Raises:
            ConfigError: a setting is out of its range.
        """
        check_count("window", window)
        check_weight("backward", backward)
        check_weight("shrinkage", shrinkage)
        check_count("num_successors", num_successors)
        check_share("decay", decay)
        blocks = []
        for _, follows in following(events, num_items, window, 1.0, backward):
            chances = follows.tocoo()
            chances.data /= np.asarray(follows.sum(axis=1))[chances.row] + shrinkage
            blocks.append(best_of_rows(chances.tocsr(), num_successors))
        settings: Settings = {
            "window": window,
            "backward": backward,
            "shrinkage": shrinkage,
            "num_successors": num_successors,
            "decay": decay,
        }
        return cls(num_items, settings, in_rows(blocks, num_items))

"""Popularity: how often an item was met, the same for everybody."""

from typing import Self

import numpy as np

from penchant.records.events import Events, Histories
from penchant.retrieval.counting import item_counts
from penchant.retrieval.source import CandidateSource


class Popularity(CandidateSource):
    """Counts of events; answers people without a history too."""

    by_rank = True
    personal = False

    @classmethod
    def fit(cls, events: Events, num_items: int) -> Self:
        """Counts each item's events."""
        return cls(num_items, {}, {"counts": item_counts(events, num_items)})

    def score(self, histories: Histories) -> np.ndarray:
        return np.tile(self.arrays["counts"], (len(histories), 1))

"""What sources share that know an item by the items beside it: a sparse item-item matrix, applied to recent events."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from penchant.records.events import Histories
from penchant.retrieval.counting import history_weights, to_matrix
from penchant.retrieval.source import CandidateSource


class NeighbourSource(CandidateSource):
    """score = sum over a person's events of `decay ** steps back` times the event's row of the item-item matrix."""

    SCORING: ClassVar[frozenset[str]] = frozenset({"decay"})

    def __init__(self, num_items: int, settings: Mapping[str, float | int], arrays: Mapping[str, np.ndarray]) -> None:
        super().__init__(num_items, settings, arrays)
        self._matrix = to_matrix(self.arrays, num_items)

    def score(self, histories: Histories) -> np.ndarray:
        weights = history_weights(histories, self.num_items, self.settings["decay"])
        return np.asarray((weights @ self._matrix).toarray())

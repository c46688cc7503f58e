"""Media-kNN: items whose pictures look like those of the recent history. Works for items that nobody has met."""

from typing import Self

import numpy as np

from penchant.records.errors import ConfigError
from penchant.records.events import Events
from penchant.retrieval.sources.text_knn import TextKNN


class MediaKNN(TextKNN):
    """As text-kNN, over that part of an item's vector that says what it looks like; texts are not looked at.

    A search, and an item without a picture, neither point anywhere nor are pointed at.
    """

    @classmethod
    def fit(cls, events: Events, num_items: int, item_vectors: np.ndarray, first: int, *, decay: float = 0.8) -> Self:  # type: ignore[override]
        """As for text-kNN. item_vectors: float (I, d), of which the pictures are the columns from `first` on.

        Raises: ConfigError where there are no such columns, and as for text-kNN.
        """
        if not 0 <= first < item_vectors.shape[-1]:
            width = item_vectors.shape[-1]
            raise ConfigError(f"Media-kNN needs vectors of pictures behind column {first}, found {width} columns.")
        found = super().fit(events, num_items, item_vectors[:, first:], decay=decay)
        found.arrays["first"] = np.array([first])
        return found

    def _directions(self, vectors: np.ndarray | None) -> np.ndarray:
        return super()._directions(None if vectors is None else vectors[:, int(self.arrays["first"][0]) :])

"""What is known of the items of a request, catalogue and raw new ones alike, for whoever looks beyond scores.

Each fact is made when it is first asked for. Legend: B people, I items of the catalogue, E raw items, T text width, C categories.
"""

from functools import cached_property

import numpy as np
import polars as pl

from penchant.data.times import to_seconds
from penchant.ranking.recommender import FusedRecommender
from penchant.records.errors import DataError
from penchant.records.events import Histories
from penchant.retrieval.sources.text_knn import TextKNN
from penchant.stages.asking import Asking, RawItems
from penchant.stages.item_attributes import ItemAttributes
from penchant.text.interests import carried_by, mined_labels

NUM_CATEGORIES = 50
"""The commonest tags are the categories."""


class ItemFacts:
    """All of it in the order of rows: the catalogue, then the raw items. `now`: when it is asked, None: nobody knows."""

    def __init__(self, recommender: FusedRecommender, asking: Asking, new: RawItems, now: float | None = None) -> None:
        self.recommender = recommender
        self.asking = asking
        self.new = new
        self.now = now

    def __len__(self) -> int:
        return len(self.asking.rows) + len(self.new.ids)

    @property
    def text_knn(self) -> TextKNN:
        source = self.recommender.sources["text-kNN"]
        assert isinstance(source, TextKNN)
        return source

    @cached_property
    def vectors(self) -> np.ndarray:
        """Where each item's text points, away from the catalogue's mean: float32 (I + E, T), unit length or 0."""
        return self.text_knn.directions(self.new.vectors)

    @cached_property
    def attributes(self) -> ItemAttributes:
        """What the tables say of each item, by name."""
        known = self.asking.attributes
        return known.followed_by(self.new.rows) if self.new.rows else known

    @cached_property
    def tags(self) -> list[list[str]]:
        """Of each item, in its own order."""
        return [*self.asking.tags_of, *(row["tags"] for row in self.new.rows)]

    @cached_property
    def categories(self) -> np.ndarray:
        """0 or 1, float64 (I + E, C): which of the commonest tags an item has."""
        return carried_by(self.tags, mined_labels(self.tags, NUM_CATEGORIES, 1)).astype(np.float64)

    @cached_property
    def num_events(self) -> np.ndarray:
        """How often each item was met while the model learned, float64 (I + E,); 0 of raw ones."""
        return np.concatenate([self.recommender.network.num_events, np.zeros(len(self.new.ids))])

    @cached_property
    def ages(self) -> np.ndarray:
        """See `item_ages`."""
        return item_ages(self.asking, self.new, self.now)

    def content(self, histories: Histories) -> np.ndarray:
        """What the texts alone say, float32 (B, I + E)."""
        scores = self.text_knn.score(histories)
        return np.hstack([scores, self.text_knn.score_extra(histories)]) if self.new.ids else scores


def item_ages(asking: Asking, new: RawItems, now: float | None) -> np.ndarray:
    """Seconds since each item came into the catalogue, float64 (I + E,), NaN where nobody says.

    now: None where times are not known. A raw item comes now, unless it says when; what came later is younger than 0.
    Raises: DataError where times are an order, or no item says when it came.
    """
    raw = pl.Series([row.get("created_at") for row in new.rows], strict=False)
    raw = (to_seconds(raw)[0] if len(raw) else raw).cast(pl.Int64).fill_null(int(now or 0))
    created = pl.concat([asking.items["created_at"], raw])
    if now is None or not asking.has_clock or created.null_count() == len(created):
        reason = "no item says when it came" if asking.has_clock else "times are only an order here"
        raise DataError(f"The age of items is not known: {reason}. Give items `created_at`, or count events.")
    return now - created.cast(pl.Float64).to_numpy()

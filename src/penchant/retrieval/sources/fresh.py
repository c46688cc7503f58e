"""Fresh items: those that hardly anybody has met yet, by what their content foretells. Says nothing of any other item.

Counting sources hold what nobody has met at the bottom; here new items stand above nothing, so that a fusion can learn how often
they are what comes next. Among themselves they are ordered by promise, which is how much the items are met whose content is
nearest, and by how near their own content is to the history. What is best depends on the catalogue (docs/experiments.md).
Legend: I items, F fresh ones, W others with a content, d width of content, B people.
"""

from typing import ClassVar, Self

import numpy as np

from penchant.records.events import Events, Histories
from penchant.retrieval.counting import in_catalogue, item_counts
from penchant.retrieval.settings import check_share, check_weight
from penchant.retrieval.source import CandidateSource, Settings
from penchant.retrieval.sources.recent_popularity import RecentPopularity
from penchant.retrieval.sources.text_knn import TextKNN

NUM_NEAREST = 20
TEMPERATURE = 0.15
"""Of the weights of the nearest, by cosine."""
LOWEST = 0.1
"""The score of the last of them; more than no evidence."""
MOST_CELLS = 4_000_000
"""Cosines that are in memory at once."""


class Fresh(CandidateSource):
    """score = 1 + spread * (promise * z_promise + (1 - promise) * z_text) for fresh items with a content, 0 for all others.

    The z are standardised among the fresh ones; z_text is 0 for somebody without a history.
    """

    GRID: ClassVar[tuple[Settings, ...]] = tuple({"promise": promise} for promise in (0.5, 0.0, 0.25, 0.75, 1.0))
    SCORING: ClassVar[frozenset[str]] = frozenset({"promise", "spread", "decay"})

    @classmethod
    def fit(
        cls,
        events: Events,
        num_items: int,
        item_vectors: np.ndarray,
        *,
        most_events: float = 0,
        promise: float = 0.5,
        spread: float = 0.25,
        decay: float = 0.95,
    ) -> Self:
        """Finds the fresh items, and for each how popular those are now that are nearest by content.

        item_vectors: float (I, d); a row of zeros is an item without a text, which is never fresh.
        most_events: an item with more is not fresh, 0 or more.
        promise: share of promise, the rest is nearness to the history; 0 to 1.
        spread: how far fresh items stand from each other, 0 or more.
        decay: weight of an event relative to the one after it, above 0 to 1.

        Raises:
            ConfigError: a setting is out of its range, or there is not one vector for each item.
        """
        check_weight("most_events", most_events)
        check_share("promise", promise or 1)
        check_weight("spread", spread)
        check_share("decay", decay)
        text = TextKNN.fit(events, num_items, item_vectors)
        known = text.arrays["vectors"].any(axis=1)
        few = item_counts(events, num_items) <= most_events
        fresh, others = np.flatnonzero(known & few), np.flatnonzero(known & ~few)
        arrays: dict[str, np.ndarray] = {"fresh": fresh, "promise": np.zeros(len(fresh), np.float32), **text.arrays}
        if len(others):
            counts = RecentPopularity.fit(in_catalogue(events, num_items), num_items).arrays["counts"][others]
            vectors = text.arrays["vectors"]
            arrays["promise"] = _standardised(_promise(vectors[fresh], vectors[others], np.log(counts + 1e-6))[None])[0]
        settings: Settings = {"most_events": most_events, "promise": promise, "spread": spread, "decay": decay}
        return cls(num_items, settings, arrays)

    def score(self, histories: Histories) -> np.ndarray:
        fresh, promise = self.arrays["fresh"], self.settings["promise"]
        text = TextKNN(self.num_items, {"decay": self.settings["decay"]}, self.arrays)
        near = _standardised(text.interest(histories) @ self.arrays["vectors"][fresh].T)
        place = promise * self.arrays["promise"] + (1 - promise) * near
        scores = np.zeros((len(histories), self.num_items), np.float32)
        scores[:, fresh] = np.maximum(1 + self.settings["spread"] * place, LOWEST)
        return scores


def _promise(fresh_Fd: np.ndarray, others_Wd: np.ndarray, values_W: np.ndarray) -> np.ndarray:
    """The mean value of the others that are nearest to each fresh item, the nearer the more; float32 (F,)."""
    count, step = min(NUM_NEAREST, len(others_Wd)), max(1, MOST_CELLS // len(others_Wd))
    found = np.zeros(len(fresh_Fd), np.float32)
    for begin in range(0, len(fresh_Fd), step):
        cosines = fresh_Fd[begin : begin + step] @ others_Wd.T
        nearest = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
        near = np.take_along_axis(cosines, nearest, axis=1)
        weights = np.exp((near - near.max(axis=1, keepdims=True)) / TEMPERATURE)
        found[begin : begin + step] = (weights * values_W[nearest]).sum(axis=1) / weights.sum(axis=1)
    return found


def _standardised(values: np.ndarray) -> np.ndarray:
    """Rows (B, F) with mean 0 and deviation 1; without any difference 0."""
    if not values.shape[1]:
        return values.astype(np.float32)
    centred = values - values.mean(axis=1, keepdims=True)
    deviation = centred.std(axis=1, keepdims=True)
    return np.asarray(centred / np.where(deviation > 1e-6, deviation, np.inf), np.float32)

"""Popularity damped: score - strength * popularity, both in standard deviations.

Scores become normal scores of their rank among a person's candidates, popularity log(1 + events), standardised over the
catalogue: at strength 1 a deviation more popularity costs a deviation of score, whatever scales the two came on. The
subtraction is that of popularity-bias post-processing (Abdollahpouri, Burke & Mobasher 2019 weigh the same two).
Legend: B people, C candidates of each, I items.
"""

import numpy as np

from penchant.ranking.normal_scores import normal_scores
from penchant.ranking.rerank.reranker import NOTHING, Candidates, Reranker
from penchant.records.errors import DataError
from penchant.records.ranges import Range

STRENGTH = 0.3


class Damped(Reranker):
    """num_events: (I,), at least 0, how often each item was met. strength: 0 (the order of the scores) or more.

    Raises: ConfigError for a strength below 0, DataError for numbers that are none.
    """

    def __init__(self, num_events: np.ndarray, strength: float = STRENGTH) -> None:
        Range(least=0).check("strength", strength, STRENGTH)
        if num_events.ndim != 1 or not (np.isfinite(num_events) & (num_events >= 0)).all():
            raise DataError("Popularity is one finite number of at least 0 for each item (I,). Count the events again.")
        popularity = np.log1p(num_events.astype(np.float64))
        deviation = popularity.std() if len(popularity) else 0
        self.popularity = (popularity - popularity.mean()) / deviation if deviation > 0 else np.zeros(len(popularity))
        self.strength = strength

    def rerank(self, candidates: Candidates, k: int) -> np.ndarray:
        possible = candidates.possible
        damped = _normal(candidates) - self.strength * self.popularity[candidates.rows]
        order = np.argsort(np.where(possible, -damped, np.inf), axis=1, kind="stable")[:, :k]
        order[np.arange(order.shape[1]) >= possible.sum(axis=1, keepdims=True)] = NOTHING
        return np.pad(order, ((0, 0), (0, k - order.shape[1])), constant_values=NOTHING)


def _normal(candidates: Candidates) -> np.ndarray:
    """Normal scores (B, C) among what is possible alone, so that padding changes nothing."""
    possible = candidates.possible
    normal = normal_scores(candidates.scores) if possible.size else np.zeros(possible.shape, np.float32)
    for person in np.flatnonzero(~possible.all(axis=1) & possible.any(axis=1)):
        own = possible[person]
        normal[person, own] = normal_scores(candidates.scores[None, person, own])[0]
    return normal

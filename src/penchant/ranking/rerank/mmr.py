"""Maximal marginal relevance: good, and unlike what stands above (Carbonell & Goldstein, SIGIR 1998).

gain(i) = (1 - strength) * score(i) - strength * max over chosen j of cosine(i, j), with scores between 0 and 1 per person;
the paper's lambda is 1 - strength. Vectors that point away from each other count as unrelated: a cosine below 0 is 0.
Legend: B people, C candidates of each, I items, D width.
"""

import numpy as np

from penchant.ranking.rerank.greedy import by_parts
from penchant.ranking.rerank.reranker import Candidates, Reranker, unit_scores
from penchant.ranking.rerank.vectors import unit_vectors
from penchant.records.ranges import Range

STRENGTH = 0.3
"""The lambda of .7 that is usual."""


class MMR(Reranker):
    """vectors: float (I, D), of any length but 0 for nothing known. strength: 0 (the order of the scores) to 1.

    Raises: ConfigError for a strength outside, DataError for vectors that are none.
    """

    def __init__(self, vectors: np.ndarray, strength: float = STRENGTH) -> None:
        Range(least=0, most=1).check("strength", strength, STRENGTH)
        self.vectors = unit_vectors(vectors)
        self.strength = strength

    def rerank(self, candidates: Candidates, k: int) -> np.ndarray:
        return by_parts(lambda part: _Marginal(part, self.vectors, self.strength), candidates, k)


class _Marginal:
    def __init__(self, candidates: Candidates, vectors: np.ndarray, strength: float) -> None:
        self.vectors_BCD = vectors[candidates.rows]
        self.relevance_BC = (1 - strength) * unit_scores(candidates)
        self.nearest_BC = np.zeros(candidates.rows.shape)
        self.strength = strength

    def gains(self) -> np.ndarray:
        return self.relevance_BC - self.strength * self.nearest_BC

    def add(self, picked: np.ndarray) -> None:
        chosen_BD1 = self.vectors_BCD[np.arange(len(picked)), picked, :, None]
        np.maximum(self.nearest_BC, (self.vectors_BCD @ chosen_BD1)[:, :, 0], out=self.nearest_BC)

"""Determinantal point process: the list that spans most, weighted by quality (Chen, Zhang & Zhou, NeurIPS 2018).

Greedy maximum a posteriori for the kernel L = diag(q) S diag(q), with S the cosines and q = exp(score * (1 - s) / (2 s)):
gain(i) = (1 - s) * score(i) + s * log d(i)^2, where d(i) is what of vector i the chosen ones do not span. A row of the Cholesky
factor is added for each choice, so that k choices of C candidates cost O(C k (D + k)). Where nothing new is left to span, as
when k exceeds the width of the vectors, d stays at a floor and the score alone decides.
Legend: B people, C candidates of each, I items, D width, k list length.
"""

import numpy as np

from penchant.ranking.rerank.greedy import by_parts
from penchant.ranking.rerank.reranker import Candidates, Reranker, unit_scores
from penchant.ranking.rerank.vectors import unit_vectors
from penchant.records.ranges import Range

STRENGTH = 0.3
FLOOR = 1e-4
"""Of d^2, well above what cosines in single precision are wrong by."""


class DPP(Reranker):
    """vectors: float (I, D), of any length but 0 for nothing known. strength: 0 (the order of the scores) to 1.

    An item of which nothing is known spans nothing: it has no claim to variety.
    Raises: ConfigError for a strength outside, DataError for vectors that are none.
    """

    def __init__(self, vectors: np.ndarray, strength: float = STRENGTH) -> None:
        Range(least=0, most=1).check("strength", strength, STRENGTH)
        self.vectors = unit_vectors(vectors)
        self.strength = strength

    def rerank(self, candidates: Candidates, k: int) -> np.ndarray:
        return by_parts(lambda part: _Volume(part, self.vectors, self.strength), candidates, k)


class _Volume:
    """`unspanned_BC`: d^2; `factors`: rows of the Cholesky factors, (B, C) for each choice so far."""

    def __init__(self, candidates: Candidates, vectors: np.ndarray, strength: float) -> None:
        self.vectors_BCD = vectors[candidates.rows]
        self.quality_BC = (1 - strength) * unit_scores(candidates)
        self.unspanned_BC = np.einsum("bcd,bcd->bc", self.vectors_BCD, self.vectors_BCD).astype(np.float64)
        self.factors: list[np.ndarray] = []
        self.strength = strength

    def gains(self) -> np.ndarray:
        return self.quality_BC + self.strength * np.log(np.maximum(self.unspanned_BC, FLOOR))

    def add(self, picked: np.ndarray) -> None:
        people = np.arange(len(picked))
        row_BC = (self.vectors_BCD @ self.vectors_BCD[people, picked, :, None])[:, :, 0].astype(np.float64)
        for factor in self.factors:
            row_BC -= factor[people, picked, None] * factor
        own_B = self.unspanned_BC[people, picked]
        row_BC *= np.where(own_B > FLOOR, 1 / np.sqrt(np.maximum(own_B, FLOOR)), 0)[:, None]
        self.factors.append(row_BC)
        self.unspanned_BC -= row_BC**2

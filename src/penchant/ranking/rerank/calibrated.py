"""Lists that mix categories as the person does (Steck, "Calibrated recommendations", RecSys 2018).

The walk maximises (1 - strength) * sum of scores - strength * KL(p || q), with scores between 0 and 1 per person, p the person's
mix and q the list's, pulled to p by 1% so that KL stays finite. Whose mix is not known keeps the order of the scores.
Legend: B people, C candidates of each, I items, T categories.
"""

import numpy as np

from penchant.evaluation.diversity import PULL, category_shares
from penchant.ranking.rerank.greedy import by_parts
from penchant.ranking.rerank.reranker import Candidates, Reranker, unit_scores
from penchant.records.errors import DataError
from penchant.records.ranges import Range

STRENGTH = 0.2
"""A strength of .5, which is usual, costs a tenth of NDCG on MovieLens-100K (docs/experiments.md)."""


class Calibrated(Reranker):
    """categories: 0 or 1, or shares, (I, T); an item counts once, in equal shares. strength: 0 (order of the scores) to 1.

    `candidates.mixes` are what people are after: `evaluation.diversity.category_mixes` has those of their histories.
    Raises: ConfigError for a strength outside, DataError for categories below 0.
    """

    def __init__(self, categories: np.ndarray, strength: float = STRENGTH) -> None:
        Range(least=0, most=1).check("strength", strength, STRENGTH)
        self.shares = category_shares(categories)
        self.strength = strength

    def rerank(self, candidates: Candidates, k: int) -> np.ndarray:
        """Raises: DataError if candidates come without mixes, or with mixes of other categories."""
        width = None if candidates.mixes is None else candidates.mixes.shape[1]
        if width != self.shares.shape[1]:
            raise DataError(
                f"Calibration needs each person's mix of {self.shares.shape[1]} categories, found "
                f"{'none' if width is None else f'mixes of {width}'}. Give `mixes` (B, T), as `category_mixes` makes them."
            )
        return by_parts(lambda part: _Mix(part, self.shares, self.strength), candidates, k)


class _Mix:
    """`found_BT`: shares of the chosen, summed."""

    def __init__(self, candidates: Candidates, shares: np.ndarray, strength: float) -> None:
        assert candidates.mixes is not None
        self.wanted_BT = candidates.mixes.astype(np.float64)
        self.shares_BCT = shares[candidates.rows]
        self.relevance_BC = (1 - strength) * unit_scores(candidates)
        self.found_BT = np.zeros(self.wanted_BT.shape)
        self.strength = strength

    def gains(self) -> np.ndarray:
        """KL(p || q) up to what is the same for all candidates: - sum of p log q, where p is above 0."""
        wanted = self.wanted_BT[:, None]
        found = self.found_BT[:, None] + self.shares_BCT
        total = found.sum(axis=2, keepdims=True)  # how many of them have a category
        pulled = (1 - PULL) * found / np.where(total > 0, total, 1) + PULL * wanted
        return self.relevance_BC + self.strength * (wanted * np.log(np.where(wanted > 0, pulled, 1))).sum(axis=2)

    def add(self, picked: np.ndarray) -> None:
        self.found_BT += self.shares_BCT[np.arange(len(picked)), picked]

"""Policies of lists as a recommender asks them: the candidates as it has ordered them, and whom they are for.

Each knows the chance of what it draws, and of lists that somebody else showed: what off-policy estimates ask for.
Legend: B people, C candidates, k length of the list, N candidates that may be drawn, I items, d width of vectors.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from penchant.ranking.explore.among import among
from penchant.ranking.explore.epsilon import Epsilon
from penchant.ranking.explore.explored import Explored
from penchant.ranking.explore.thompson import Thompson
from penchant.records.events import Histories
from penchant.records.ranked import Ranked

Vectors = Callable[[Histories], tuple[np.ndarray, np.ndarray]]
"""Of the people (B, d), and of all items, catalogue and raw ones alike (I, d)."""


@dataclass(frozen=True, kw_only=True)
class Policy(ABC):
    """`k`: length of its lists; `num_best` candidates may be drawn, and the `fresh` ones (bool (I,)) wherever they stand."""

    k: int
    num_best: int
    fresh: np.ndarray | None = None
    keeps_order: ClassVar[bool]
    """Whether lists that explore nothing stand in the order of the candidates."""

    def may_draw(self, given: Ranked) -> Ranked:
        """(B, C) as they stand -> (B, N), N at least k."""
        found = among(given, max(self.num_best, self.k), self.fresh)
        missing = ((0, 0), (0, max(0, self.k - found.item_rows.shape[1])))
        return Ranked(
            np.pad(found.item_rows, missing, constant_values=-1), np.pad(found.scores, missing, constant_values=-np.inf)
        )

    @abstractmethod
    def draw(self, given: Ranked, histories: Histories, rng: np.random.Generator) -> Explored:
        """Lists of k out of candidates (B, C), best first."""

    @abstractmethod
    def chances(self, given: Ranked, histories: Histories, shown: np.ndarray) -> np.ndarray:
        """How likely each item comes at that place: shown int (B, k) -> float64 (B, k), NaN where a list ended."""

    @abstractmethod
    def firsts(self, given: Ranked, histories: Histories) -> np.ndarray:
        """How likely each of the candidates that may be drawn comes first, float64 (B, N); rows add up to 1."""


@dataclass(frozen=True, kw_only=True)
class BySlot(Policy):
    """One place of some lists is given away. A share of 0 shows the ranking as it is."""

    epsilon: Epsilon
    keeps_order: ClassVar[bool] = True

    def draw(self, given: Ranked, histories: Histories, rng: np.random.Generator) -> Explored:
        return self.epsilon.choose(self.may_draw(given), self.k, rng)

    def chances(self, given: Ranked, histories: Histories, shown: np.ndarray) -> np.ndarray:
        return self.epsilon.chances(self.may_draw(given), shown)

    def firsts(self, given: Ranked, histories: Histories) -> np.ndarray:
        return self.epsilon.firsts(self.may_draw(given), self.k)


@dataclass(frozen=True, kw_only=True)
class ByDoubt(Policy):
    """Thompson sampling; `scale` of the doubt. Chances of lists of others are of its belief now, drawn with `seed`."""

    thompson: Thompson
    vectors: Vectors
    scale: float = 1.0
    seed: int = 0
    keeps_order: ClassVar[bool] = False

    def draw(self, given: Ranked, histories: Histories, rng: np.random.Generator) -> Explored:
        drawable, features = self._asked(given, histories)
        return self.thompson.choose(drawable, features, self.k, rng, self.scale)

    def chances(self, given: Ranked, histories: Histories, shown: np.ndarray) -> np.ndarray:
        rng = np.random.default_rng(self.seed)
        return self.thompson.chances(*self._asked(given, histories), shown, rng, self.scale)

    def firsts(self, given: Ranked, histories: Histories) -> np.ndarray:
        return self.thompson.firsts(*self._asked(given, histories), np.random.default_rng(self.seed), self.scale)

    def _asked(self, given: Ranked, histories: Histories) -> tuple[Ranked, np.ndarray]:
        drawable = self.may_draw(given)
        people, items = self.vectors(histories)
        met = items[np.maximum(drawable.item_rows, 0)]
        return drawable, self.thompson.pairs(people, met, drawable.scores)

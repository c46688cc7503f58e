"""What every re-ranker can do, and what it is handed. Knows vectors and facts of items by row, no model and no names.

Some weigh scores against something else (MMR, DPP, calibration, damping); others hold rules and take the order as they find
it (fresh items, caps, pins). So the weighing ones come first and the rules last:
`candidates = candidates.take(MMR(...).rerank(candidates, 50)); candidates.ranked(Rules(...).rerank(candidates, 10))`.
Legend: B people, C candidates of each, I items, D width, T categories, k list length.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Self

import numpy as np

from penchant.records.errors import DataError
from penchant.records.ranked import Ranked

NOTHING = -1
"""Fills a list, of items or of positions, that is shorter than the others."""


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """Up to C items for each of B people, better ones first. Row -1, or a score that is not finite, is no candidate.

    Raises: DataError if the shapes don't fit each other.
    """

    item_rows: np.ndarray  # int (B, C)
    scores: np.ndarray  # float (B, C), higher is better, of any scale
    mixes: np.ndarray | None = None  # float (B, T), shares of each person's categories, sum 1; all 0: not known
    content: np.ndarray | None = None  # float (B, C), what speaks for items that hardly anybody has met

    def __post_init__(self) -> None:
        shape = self.item_rows.shape
        same = [given for given in (self.scores, self.content) if given is not None]
        if len(shape) != 2 or any(given.shape != shape for given in same):
            found = [shape, *(given.shape for given in same)]
            raise DataError(f"Rows and scores of candidates have one shape (B, C), found {found}. Give one score each.")
        if self.mixes is not None and (self.mixes.ndim != 2 or len(self.mixes) != len(self)):
            raise DataError(
                f"Each of {len(self)} people has one mix (B, T), found {self.mixes.shape}. Give a row each."
            )

    def __len__(self) -> int:
        return len(self.item_rows)

    @property
    def possible(self) -> np.ndarray:
        """bool (B, C): what may be recommended."""
        return np.asarray((self.item_rows >= 0) & np.isfinite(self.scores))

    @property
    def rows(self) -> np.ndarray:
        """int (B, C): item rows that can be looked up; 0 where nothing is possible."""
        return np.where(self.possible, self.item_rows, 0)

    def at(self, order: np.ndarray) -> np.ndarray:
        """int32 (B, k): item rows at positions (B, k), -1 where there is none."""
        return self._picked(self.item_rows, order, NOTHING).astype(np.int32)

    def ranked(self, order: np.ndarray) -> Ranked:
        """The lists that an order makes, with the scores that the items had."""
        return Ranked(self.at(order), self._picked(self.scores, order, -np.inf).astype(np.float32))

    def take(self, order: np.ndarray) -> Self:
        """The same people with the candidates at positions (B, k) alone, in that order: what the next re-ranker gets."""
        content = None if self.content is None else self._picked(self.content, order, -np.inf)
        return type(self)(
            item_rows=self.at(order),
            scores=self._picked(self.scores, order, -np.inf),
            mixes=self.mixes,
            content=content,
        )

    def part(self, people: slice) -> Self:
        """Some of the people."""
        return type(self)(
            item_rows=self.item_rows[people],
            scores=self.scores[people],
            mixes=None if self.mixes is None else self.mixes[people],
            content=None if self.content is None else self.content[people],
        )

    def _picked(self, values: np.ndarray, order: np.ndarray, fill: float) -> np.ndarray:
        if not values.shape[1]:
            return np.full(order.shape, fill, values.dtype)
        return np.where(order >= 0, np.take_along_axis(values, np.maximum(order, 0), 1), fill)


class Reranker(ABC):
    """Orders candidates once more. It has no state: the same candidates get the same order, alone or in a crowd."""

    @abstractmethod
    def rerank(self, candidates: Candidates, k: int) -> np.ndarray:
        """int64 (B, k): positions among the candidates, best first, each once; -1 fills what stays empty."""


def unit_scores(candidates: Candidates) -> np.ndarray:
    """Scores between a person's worst (0) and best (1) candidate, float64 (B, C); 0 where all are equal, or none is possible.

    >>> rows = np.array([[7, 3, 5, -1]])
    >>> unit_scores(Candidates(item_rows=rows, scores=np.array([[40.0, 30.0, 20.0, 99.0]]))).tolist()
    [[1.0, 0.5, 0.0, 0.0]]
    """
    possible = candidates.possible
    scores = np.where(possible, candidates.scores, 0).astype(np.float64)
    low = np.where(possible, scores, np.inf).min(axis=1, keepdims=True, initial=np.inf)
    high = np.where(possible, scores, -np.inf).max(axis=1, keepdims=True, initial=-np.inf)
    differs = high > low
    span = np.where(differs, high - np.where(differs, low, 0), 1)
    return np.asarray(np.where(possible & differs, scores - np.where(differs, low, 0), 0) / span)

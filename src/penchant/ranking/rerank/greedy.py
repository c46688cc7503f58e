"""The greedy walk that re-rankers share: take what gains most, look again. Knows no objective.

Greedy is within 1 - 1/e of the best set where an objective is monotone and submodular (Nemhauser, Wolsey & Fisher 1978).
Legend: B people, C candidates of each, k list length.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from penchant.ranking.rerank.reranker import NOTHING, Candidates

TIE = 1e-6
"""Gains this near count as equal, so that the last bit of a product decides nothing: the earlier candidate goes first."""
PEOPLE_AT_ONCE = 64
"""A hundred vectors of 384 numbers for each of them are 10 MB."""


class Objective(Protocol):
    """What a list is good for, as it grows."""

    def gains(self) -> np.ndarray:
        """float64 (B, C), finite: what each candidate would add to the list so far; read only."""
        ...

    def add(self, picked: np.ndarray) -> None:
        """Positions int64 (B,) join the lists, one for each person."""
        ...


def greedy(objective: Objective, possible: np.ndarray, k: int) -> np.ndarray:
    """int64 (B, k): positions in the order in which they were taken, of those that are possible (bool (B, C)); -1 fills."""
    left = possible.copy()
    people, order = np.arange(len(left)), np.full((len(left), k), NOTHING, np.int64)
    for place in range(min(k, left.shape[1])):
        picked = first_best(objective.gains(), left)
        some = left.any(axis=1)
        order[some, place] = picked[some]
        left[people, picked] = False
        objective.add(picked)
    return order


def first_best(gains: np.ndarray, left: np.ndarray) -> np.ndarray:
    """int64 (B,): the first position of `left` whose gain is the best of them, or as good as that; 0 where none is left."""
    gains = np.where(left, gains, -np.inf)
    return np.asarray((left & (gains >= gains.max(axis=1, keepdims=True) - TIE)).argmax(axis=1))


def by_parts(make: Callable[[Candidates], Objective], candidates: Candidates, k: int) -> np.ndarray:
    """The walk for some people at a time, in bounded memory; int64 (B, k)."""
    order = np.full((len(candidates), k), NOTHING, np.int64)
    for begin in range(0, len(candidates), PEOPLE_AT_ONCE):
        people = slice(begin, begin + PEOPLE_AT_ONCE)
        part = candidates.part(people)
        if part.possible.any():
            order[people] = greedy(make(part), part.possible, k)
    return order

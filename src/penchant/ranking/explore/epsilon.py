"""Now and then one place of the list goes to a random candidate.

The place draws among the item that stood there and all candidates that did not make the list, each alike, so that no item
comes twice and every chance is known in closed form.
Legend: B people, N candidates, k length of the list.
"""

from dataclasses import dataclass

import numpy as np

from penchant.ranking.explore.explored import Explored
from penchant.records.errors import ConfigError
from penchant.records.ranges import Range, check_fields
from penchant.records.ranked import Ranked

RANGES = {"share": Range(least=0, most=1)}
SLOT = Range(least=0, whole=True)


@dataclass(frozen=True, kw_only=True)
class Epsilon:
    """`share`: of lists that explore, 0..1; `slot`: the place given away, 0 = first; None: any place of the list, each alike."""

    share: float = 0.1
    slot: int | None = None

    def __post_init__(self) -> None:
        check_fields(self, RANGES)
        if self.slot is not None:
            SLOT.check("slot", self.slot, None)

    def choose(self, candidates: Ranked, k: int, rng: np.random.Generator) -> Explored:
        """Lists of k out of N candidates, best first and -1 where there are fewer.

        Raises: ConfigError for a slot that a list of k does not have.
        """
        num_people, rows = len(candidates.item_rows), candidates.item_rows
        self._check(k)
        length, pool = _lengths(rows, k)
        slot = np.full(num_people, self.slot) if self.slot is not None else rng.integers(0, np.maximum(length, 1))
        drawn = rng.integers(
            0, np.maximum(pool, 1)
        )  # 0: the item of the place itself; j: the j-th that did not make it
        moved = np.flatnonzero((rng.random(num_people) < self.share) & (drawn > 0) & (slot < length))
        places = np.tile(np.arange(min(k, rows.shape[1])), (num_people, 1))
        places[moved, slot[moved]] = k - 1 + drawn[moved]
        shown = Ranked(np.take_along_axis(rows, places, 1), np.take_along_axis(candidates.scores, places, 1))
        chances = self.chances(candidates, shown.item_rows)
        return Explored(ranked=shown, propensities=chances, errors=np.zeros_like(chances))

    def chances(self, candidates: Ranked, shown: np.ndarray) -> np.ndarray:
        """How likely each item comes at that place of a list: shown int (B, k) -> float64 (B, k), NaN where a list ended.

        Of lists that another policy showed it tells what `estimate_slates` asks of a target; a share of 0 is the ranking itself.

        >>> best = Ranked(np.array([[5, 6, 7]], np.int32), np.array([[3, 2, 1]], np.float32))
        >>> Epsilon(share=0.5, slot=1).chances(best, np.array([[5, 7]])).tolist()
        [[1.0, 0.25]]
        """
        self._check(shown.shape[1])
        _, pool = _lengths(candidates.item_rows, shown.shape[1])
        places = np.arange(shown.shape[1])
        # Of a list that ends early nothing was left out: it draws among its own item alone, however often it draws.
        mine = np.ones(len(places)) / len(places) if self.slot is None else (places == self.slot).astype(float)
        given_away = np.tile(self.share * mine, (len(shown), 1))
        each = given_away / pool[:, None]
        own = candidates.item_rows[:, : shown.shape[1]] == shown
        left_out = (shown[:, :, None] == candidates.item_rows[:, None, shown.shape[1] :]).any(axis=2)
        chances = np.where(own, 1 - given_away + each, np.where(left_out, each, 0.0))
        return np.where(shown >= 0, chances, np.nan)

    def firsts(self, candidates: Ranked, k: int) -> np.ndarray:
        """How likely each candidate (B, N) comes first in a list of k: float64 (B, N), 0 where there is none.

        >>> best = Ranked(np.array([[5, 6, 7]], np.int32), np.array([[3, 2, 1]], np.float32))
        >>> Epsilon(share=0.5).firsts(best, 2).tolist()
        [[0.875, 0.0, 0.125]]
        """
        self._check(k)
        length, pool = _lengths(candidates.item_rows, k)
        given_away = self.share / k if self.slot is None else self.share * (self.slot == 0)
        each = np.where(length == k, given_away / pool, 0.0)[:, None]
        places = np.arange(candidates.item_rows.shape[1])
        chances = np.where(places == 0, 1 - each * (pool[:, None] - 1), np.where(places >= k, each, 0.0))
        return np.where(candidates.item_rows >= 0, chances, 0.0)

    def _check(self, k: int) -> None:
        if self.slot is not None and self.slot >= k:
            raise ConfigError(f"slot must be a place of the list, 0..{k - 1}, found {self.slot}. None takes any place.")


def _lengths(rows: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Items of each list, and items among which a place of it draws, int64 (B,) each."""
    there = (rows >= 0).sum(axis=1)
    return np.minimum(there, k), 1 + np.maximum(there - k, 0)

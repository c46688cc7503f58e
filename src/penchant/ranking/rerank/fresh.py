"""Places kept for fresh items: a share of every list, from its top downward (the prefix rule of FA*IR, Zehlike et al. 2017).

Among the first m places there are at least floor(share * m) fresh items, as long as there are fresh candidates: share 0.2
keeps the fifth place and the tenth, or, from place 1 on, the first and the sixth. What is due comes from the fresh candidates,
by what is said to speak for them; all other places are filled in the given order, by fresh items too where they stand there
anyway. Without fresh candidates the places go back to the others.
Legend: B people, C candidates of each, I items, k list length.
"""

import numpy as np

from penchant.ranking.rerank.reranker import NOTHING, Candidates, Reranker
from penchant.records.errors import ConfigError, DataError
from penchant.records.ranges import Range

SHARE = 0.1


def fresh_items(
    *,
    ages: np.ndarray | None = None,
    younger_than: float | None = None,
    num_events: np.ndarray | None = None,
    fewer_than: int | None = None,
) -> np.ndarray:
    """bool (I,): items younger than a time, or met fewer times than a number; with both, what is either.

    ages: (I,) in the units of `younger_than`, NaN = not known, which is not young.
    Raises: ConfigError for a limit without the facts, or facts without a limit, or neither.

    >>> fresh_items(ages=np.array([1.0, 9.0, np.nan]), younger_than=7).tolist()
    [True, False, False]
    """
    masks = []
    for name, facts, limit in (("age", ages, younger_than), ("number of events", num_events, fewer_than)):
        if (facts is None) != (limit is None):
            raise ConfigError(f"Fresh by {name} needs both the facts and the limit, found one of them. Give both.")
        if facts is not None:
            masks.append(np.asarray(facts < limit))
    if not masks:
        raise ConfigError(
            "Nothing says what is fresh. Give ages and younger_than, or num_events and fewer_than, or both pairs."
        )
    return np.asarray(np.logical_or.reduce(masks))


class Fresh(Reranker):
    """fresh: bool (I,), see `fresh_items`. share: of the places, 0 (the given order) to 1. first: the place, from 1, where the
    first fresh item is due at the latest; by default the last one that keeps the share, 1 / share.

    `candidates.content` orders the fresh ones; without it the given order does.
    Raises: ConfigError for a share or a place outside, DataError if `fresh` is no mask.
    """

    def __init__(self, fresh: np.ndarray, share: float = SHARE, first: int | None = None) -> None:
        Range(least=0, most=1).check("share", share, SHARE)
        if first is not None:
            Range(least=1, most=max(1, 1 / (share or 1)), whole=True).check(
                "first", first, "the last that keeps the share"
            )
        if fresh.ndim != 1 or fresh.dtype != bool:
            raise DataError(f"Fresh items are a mask bool (I,), found {fresh.dtype} {fresh.shape}. Use `fresh_items`.")
        self.fresh = fresh
        self.share = share
        self.first = first

    def due(self, num_places: int) -> int:
        """How many of the first so many places belong to fresh items.

        >>> fresh = np.ones(1, bool)
        >>> [Fresh(fresh, 0.2).due(m) for m in (4, 5, 10)], [Fresh(fresh, 0.2, first=1).due(m) for m in (1, 5, 6, 10)]
        ([0, 1, 2], [1, 1, 2, 2])
        """
        ahead = 0 if self.first is None else 1 - self.share * self.first
        return max(0, int(self.share * num_places + ahead + 1e-9))

    def rerank(self, candidates: Candidates, k: int) -> np.ndarray:
        left, people = candidates.possible, np.arange(len(candidates))
        fresh = self.fresh[candidates.rows] & left if left.any() else left & False
        best_fresh = _by_content(candidates)
        order, num_fresh = np.full((len(left), k), NOTHING, np.int64), np.zeros(len(left), np.int64)
        for place in range(min(k, left.shape[1])):
            waiting = fresh & left
            is_due = (num_fresh < self.due(place + 1)) & waiting.any(axis=1)
            first_fresh = np.where(waiting, best_fresh, np.inf).argmin(axis=1)
            picked = np.where(is_due, first_fresh, left.argmax(axis=1))
            some = left[people, picked]
            order[some, place] = picked[some]
            num_fresh += fresh[people, picked] & some
            left[people, picked] = False
        return order


def _by_content(candidates: Candidates) -> np.ndarray:
    """float64 (B, C): rank by content, 0 the best, equal ones by position; what has no finite content score last."""
    if candidates.content is None:
        return np.broadcast_to(np.arange(candidates.scores.shape[1], dtype=np.float64), candidates.scores.shape)
    content = np.where(np.isfinite(candidates.content), candidates.content, -np.inf)
    return np.argsort(np.argsort(-content, axis=1, kind="stable"), axis=1).astype(np.float64)

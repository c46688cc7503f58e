"""Scores of any scale as normal scores: the quantile of a standard normal at each item's rank (van der Waerden 1952).

Only the order counts, so that a few huge counts do not drown everything else at the top of a list (docs/experiments.md has
it against the z-score). Legend: C people, I items, E items that come along.
"""

from functools import lru_cache

import numpy as np


def normal_scores(scores: np.ndarray) -> np.ndarray:
    """float32 (C, I) from scores (C, I), per person; equal scores share the mean of their ranks, what is not finite is 0.

    >>> normal_scores(np.array([[5.0, 900.0, 7.0], [1.0, 1.0, 1.0]])).round(2).tolist()
    [[-0.9700000286102295, 0.9700000286102295, 0.0], [0.0, 0.0, 0.0]]
    """
    scores = _finite(scores)
    num_items = scores.shape[1]
    if (scores == scores[:1]).all():  # a source that says the same to everybody
        return np.repeat(_of_rows(scores[:1]), len(scores), axis=0)
    step = max(1, 2_000_000 // max(num_items, 1))
    return np.concatenate([_of_rows(scores[begin : begin + step]) for begin in range(0, len(scores), step)])


def among(scores: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Normal scores of items (C, E) by where they would stand among the items of `scores` (C, I); float32 (C, E)."""
    scores, others = np.sort(_finite(scores), axis=1), _finite(others)
    table = _quantiles(scores.shape[1])
    places = [
        np.searchsorted(known, new, "left") + np.searchsorted(known, new, "right") - 1
        for known, new in zip(scores, others, strict=True)
    ]
    return table[np.clip(np.reshape(places, others.shape).astype(np.int64), 0, len(table) - 1)]


def _of_rows(scores: np.ndarray) -> np.ndarray:
    order = np.argsort(scores, axis=1)
    ranked = np.take_along_axis(scores, order, axis=1)
    places = np.arange(scores.shape[1])
    begins = np.ones(scores.shape, bool)
    begins[:, 1:] = ranked[:, 1:] != ranked[:, :-1]
    ends = np.ones(scores.shape, bool)
    ends[:, :-1] = begins[:, 1:]
    first = np.maximum.accumulate(np.where(begins, places, 0), axis=1)
    last = np.minimum.accumulate(np.where(ends, places, scores.shape[1])[:, ::-1], axis=1)[:, ::-1]
    result = np.empty(scores.shape, np.float32)
    np.put_along_axis(result, order, _quantiles(scores.shape[1])[first + last], axis=1)
    return result


@lru_cache(maxsize=8)
def _quantiles(num_items: int) -> np.ndarray:
    """float32 (2 I - 1,): at twice the rank, counted from 0, so that the means of tied ranks have a place too."""
    from scipy.special import ndtri  # type: ignore[import-untyped]

    return np.asarray(ndtri((np.arange(2 * num_items - 1) / 2 + 0.5) / num_items), np.float32)


def _finite(scores: np.ndarray) -> np.ndarray:
    return np.nan_to_num(scores.astype(np.float32), neginf=0.0, posinf=0.0)

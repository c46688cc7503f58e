"""Sums per person, and of people drawn again: all that a ratio of sums needs for an interval (Efron & Tibshirani 1993).

Legend: N events, P people, S sums, R resamples.
"""

import numpy as np


def sums_by_person(user_rows: np.ndarray, terms: np.ndarray) -> np.ndarray:
    """Terms (N, S) added up for each of the people who are there, float64 (P, S).

    >>> sums_by_person(np.array([7, 3, 7]), np.array([[1.0], [2.0], [4.0]])).tolist()
    [[2.0], [5.0]]
    """
    _, owners = np.unique(user_rows, return_inverse=True)
    return np.stack([np.bincount(owners, column) for column in terms.T.astype(np.float64)], axis=1)


def resampled(sums: np.ndarray, num_resamples: int, seed: int) -> np.ndarray:
    """Totals of the people as they are, then of each resample of them, float64 (1 + R, S).

    A seed draws the same people whatever the sums are: what is drawn for two policies, or two positions, is paired.
    """
    rng = np.random.default_rng(seed)
    totals = np.empty((1 + num_resamples, sums.shape[1]))
    totals[0] = sums.sum(axis=0)
    for total in totals[1:]:
        total[:] = np.bincount(rng.integers(0, len(sums), len(sums)), minlength=len(sums)) @ sums
    return totals

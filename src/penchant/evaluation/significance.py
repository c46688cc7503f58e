"""How far to trust a difference: percentile bootstrap with people as the unit (Efron & Tibshirani, 1993)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from penchant.records.errors import DataError

Statistic = Callable[[np.ndarray, np.ndarray, np.ndarray], float | None]
"""A metric of `prediction`: labels, predictions, weights (N,) -> value, None where it is not defined."""

_CHUNK = 1 << 21  # drawn numbers held at once: 8 MiB of rows, 16 MiB of values


@dataclass(frozen=True)
class Difference:
    """A mean difference with its interval; it is shown to exist where the interval leaves 0 out."""

    value: float
    low: float
    high: float


def bootstrap_interval(
    values: np.ndarray, num_resamples: int = 2000, seed: int = 0, confidence: float = 0.95
) -> tuple[float, float]:
    """`low, high` of the mean of one value per person (float (C,)), resampling people.

    Raises: DataError without values.

    >>> bootstrap_interval(np.full(5, 0.25))
    (0.25, 0.25)
    """
    if not len(values):
        raise DataError("An interval needs at least one case, but there is none. Leave empty groups out.")
    rng = np.random.default_rng(seed)
    means = np.empty(num_resamples)
    step = max(1, _CHUNK // len(values))
    for start in range(0, num_resamples, step):
        part = means[start : start + step]
        rows = rng.integers(0, len(values), (len(part), len(values)), dtype=np.int32)
        part[:] = values[rows].mean(axis=1)
    return percentiles(means, confidence)


def paired_difference(
    ours: np.ndarray, theirs: np.ndarray, num_resamples: int = 2000, seed: int = 0, confidence: float = 0.95
) -> Difference:
    """Mean of `ours - theirs`, both float (C,) over the same people in the same order, with its interval.

    Raises: DataError if the two are not of one length, or empty.

    >>> paired_difference(np.array([0.5, 1.0]), np.array([0.25, 0.75]))
    Difference(value=0.25, low=0.25, high=0.25)
    """
    if ours.shape != theirs.shape:
        raise DataError(
            f"A paired difference needs the same cases on both sides, but there are {ours.shape} and {theirs.shape}. "
            "Evaluate both systems on one set of cases."
        )
    low, high = bootstrap_interval(ours - theirs, num_resamples, seed, confidence)
    return Difference(float(np.mean(ours - theirs)), low, high)


def clustered_interval(
    statistic: Statistic,
    labels: np.ndarray,
    predictions: np.ndarray,
    user_rows: np.ndarray,
    num_resamples: int = 2000,
    seed: int = 0,
    confidence: float = 0.95,
) -> tuple[float, float]:
    """`low, high` of a metric of N predictions (N,) or (N, T), resampling the people `user_rows` (N,) they belong to.

    Resamples in which the metric is not defined are left out.

    Raises: DataError if it is defined in none.
    """
    values = clustered_values(statistic, labels, predictions, user_rows, num_resamples, seed)
    defined = values[~np.isnan(values)]
    if not len(defined):
        raise DataError(
            f"An interval needs a metric that is defined, but on these {len(labels)} predictions it is not. "
            "Leave metrics without rows, or with labels of one class, out."
        )
    return percentiles(defined, confidence)


def clustered_values(
    statistic: Statistic,
    labels: np.ndarray,
    predictions: np.ndarray,
    user_rows: np.ndarray,
    num_resamples: int = 2000,
    seed: int = 0,
) -> np.ndarray:
    """The metric in each resample of the people, float64 (R,), NaN where it is not defined.

    A seed draws the same people whatever is predicted for them: values of two systems are paired.
    """
    order = np.argsort(predictions, kind="stable") if predictions.ndim == 1 else np.arange(len(predictions))
    labels, predictions = labels[order], predictions[order]  # sorted once: rank metrics sort again, then for little
    users, owners = np.unique(user_rows[order], return_inverse=True)
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(num_resamples if len(users) else 0):
        times = np.bincount(rng.integers(0, len(users), len(users)), minlength=len(users))
        values.append(statistic(labels, predictions, times[owners]))
    return np.array([np.nan if value is None else value for value in values])


def percentiles(values: np.ndarray, confidence: float = 0.95) -> tuple[float, float]:
    """The ends of the middle `confidence` of the values."""
    tail = (1 - confidence) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)

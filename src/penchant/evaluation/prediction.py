"""Metrics of predictions: ratings, probabilities, tags. Plain numpy; they know neither tasks nor models.

Labels and predictions have one shape, (N,) or (N, T) for T tags at once, which is read flat (the micro average).
`weights` (N,) count each row that often; default once. Where a metric is not defined (no rows, or labels of one class
where two are needed) it is None, never NaN. All raise DataError for shapes that differ or values that are not finite.
"""

from dataclasses import dataclass

import numpy as np

from penchant.records.errors import DataError

Weights = np.ndarray | None
DIRECTIONS = {
    "rmse": "min",
    "mae": "min",
    "brier": "min",
    "auc": "max",
    "log_loss": "min",
    "calibration_error": "min",
    "average_precision": "max",
    "accuracy": "max",
    "macro_f1": "max",
}
"""Whether less or more is better, by the names of the metrics here and of those of one label in `classification.py`."""


@dataclass(frozen=True)
class Reliability:
    """Predicted against observed share, bin by bin, in rising order; empty bins are left out."""

    predicted: np.ndarray  # float64 (num_bins,), mean prediction
    observed: np.ndarray  # float64 (num_bins,), mean label
    count: np.ndarray  # int64 (num_bins,)


def rmse(labels: np.ndarray, predictions: np.ndarray, weights: Weights = None) -> float | None:
    """Root of the mean squared error, in the unit of the labels.

    >>> rmse(np.array([1.0, 5.0]), np.array([1.0, 3.0]))
    1.4142135623730951
    """
    labels, predictions, weights = _checked(labels, predictions, weights)
    square = _mean((labels - predictions) ** 2, weights)
    return None if square is None else float(np.sqrt(square))


def mae(labels: np.ndarray, predictions: np.ndarray, weights: Weights = None) -> float | None:
    """Mean absolute error, in the unit of the labels."""
    labels, predictions, weights = _checked(labels, predictions, weights)
    return _mean(np.abs(labels - predictions), weights)


def brier(labels: np.ndarray, predictions: np.ndarray, weights: Weights = None) -> float | None:
    """Mean squared error of probabilities of labels 0 and 1, 0 (best) to 1."""
    labels, predictions, weights = _checked(labels, predictions, weights)
    return _mean((labels - predictions) ** 2, weights)


def log_loss(labels: np.ndarray, predictions: np.ndarray, weights: Weights = None) -> float | None:
    """Mean negative log-likelihood, in nats, of labels 0 and 1 under probabilities (kept 2e-16 away from 0 and 1)."""
    labels, predictions, weights = _checked(labels, predictions, weights)
    smallest = np.finfo(np.float64).eps
    sure = np.clip(predictions, smallest, 1 - smallest)
    return _mean(-(labels * np.log(sure) + (1 - labels) * np.log1p(-sure)), weights)


def auc(labels: np.ndarray, predictions: np.ndarray, weights: Weights = None) -> float | None:
    """Chance that a positive (label 1) stands above a negative (label 0), 0 to 1; ties count half.

    >>> auc(np.array([0, 1, 0, 1]), np.array([0.1, 0.2, 0.2, 0.9]))
    0.875
    >>> auc(np.array([1, 1]), np.array([0.1, 0.2])) is None
    True
    """
    positives, negatives = _per_level(*_checked(labels, predictions, weights))
    below = np.cumsum(negatives) - negatives / 2
    pairs = positives.sum() * negatives.sum()
    return float((positives * below).sum() / pairs) if pairs > 0 else None


def average_precision(labels: np.ndarray, predictions: np.ndarray, weights: Weights = None) -> float | None:
    """Area under the precision-recall steps, 0 to 1; equal predictions are one step. None without a positive."""
    positives, negatives = _per_level(*_checked(labels, predictions, weights))
    hits, all_above = np.cumsum(positives[::-1]), np.cumsum((positives + negatives)[::-1])
    if not hits.size or hits[-1] == 0:
        return None
    return float((positives[::-1] * hits / np.maximum(all_above, np.finfo(np.float64).tiny)).sum() / hits[-1])


def calibration_error(
    labels: np.ndarray, predictions: np.ndarray, weights: Weights = None, num_bins: int = 10
) -> float | None:
    """Expected calibration error, 0 (best) to 1: mean |predicted - observed| over the bins of `reliability_curve`
    (weights do not move the bins).

    Naeini et al., "Obtaining Well Calibrated Probabilities Using Bayesian Binning", AAAI 2015, with bins of equal mass.
    """
    labels, predictions, weights = _checked(labels, predictions, weights)
    if not weights.sum():
        return None
    gaps = np.bincount(_bins(predictions, num_bins), weights=weights * (predictions - labels))
    return float(np.abs(gaps).sum() / weights.sum())


def reliability_curve(labels: np.ndarray, predictions: np.ndarray, num_bins: int = 10) -> Reliability:
    """Mean prediction and mean label in `num_bins` bins of equal mass; equal predictions share a bin.

    >>> reliability_curve(np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.6, 0.8]), num_bins=2).observed.tolist()
    [0.0, 1.0]
    """
    labels, predictions, _ = _checked(labels, predictions, None)
    bins = _bins(predictions, num_bins)
    count = np.bincount(bins)
    some = count > 0
    predicted, observed = (np.bincount(bins, weights=values)[some] / count[some] for values in (predictions, labels))
    return Reliability(predicted, observed, count[some])


def _checked(
    labels: np.ndarray, predictions: np.ndarray, weights: Weights
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The three as flat float64 of one length."""
    labels, predictions = np.asarray(labels, np.float64), np.asarray(predictions, np.float64)
    rows = np.ones(len(labels)) if weights is None else np.asarray(weights, np.float64)
    if labels.shape != predictions.shape or rows.shape != labels.shape[:1]:
        raise DataError(
            "Labels, predictions and weights must belong to the same rows, but their shapes are "
            f"{labels.shape}, {predictions.shape} and {rows.shape}. Give one value for each row."
        )
    if not (np.isfinite(labels).all() and np.isfinite(predictions).all()):
        raise DataError("Labels and predictions must be finite numbers, but some are not. Leave unlabelled rows out.")
    spread = np.repeat(rows, labels.size // max(len(labels), 1))
    return labels.ravel(), predictions.ravel(), spread


def _mean(values: np.ndarray, weights: np.ndarray) -> float | None:
    total = weights.sum()
    return float(values @ weights / total) if total > 0 else None


def _per_level(labels: np.ndarray, predictions: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weight of the positives and of the negatives at each distinct prediction, in rising order."""
    order = np.argsort(predictions, kind="stable")
    levels = np.cumsum(np.diff(predictions[order], prepend=predictions[order][:1]) > 0)
    positives = np.bincount(levels, weights=(weights * labels)[order])
    negatives = np.bincount(levels, weights=(weights * (1 - labels))[order])
    return positives, negatives


def _bins(predictions: np.ndarray, num_bins: int) -> np.ndarray:
    """Which bin of equal mass each prediction falls into, int64."""
    if not predictions.size:
        return np.zeros(0, np.int64)
    edges = np.quantile(predictions, np.arange(1, num_bins) / num_bins)
    return np.searchsorted(edges, predictions)

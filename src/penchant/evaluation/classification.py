"""Metrics of predicted labels: confusion and what follows from it, with bootstrap intervals. It knows no model.

Legend: N rows, C labels, R resamples. Rows of a confusion are the truth, columns what was predicted.
"""

from typing import Any

import numpy as np

from penchant.evaluation.prediction import calibration_error
from penchant.records.errors import DataError


def confusion(truth: np.ndarray, predicted: np.ndarray, num_labels: int) -> np.ndarray:
    """How many rows of each label were called each label, int64 (C, C). truth, predicted: label rows (N,).

    >>> confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    cells = np.bincount(truth * num_labels + predicted, minlength=num_labels**2)
    return cells.reshape(num_labels, num_labels)


def scores(counts: np.ndarray) -> dict[str, np.ndarray]:
    """accuracy and macro_f1 (...), precision, recall and f1 (..., C), of confusions (..., C, C).

    A label that was never predicted, or never there, has 0 where the share is not defined.

    >>> {name: value.round(3).tolist() for name, value in scores(np.array([[1, 1], [0, 1]])).items()}["f1"]
    [0.667, 0.667]
    """
    right = np.diagonal(counts, axis1=-2, axis2=-1).astype(np.float64)
    there, called = counts.sum(axis=-1), counts.sum(axis=-2)
    f1 = 2 * right / np.maximum(there + called, 1)
    return {
        "accuracy": right.sum(axis=-1) / np.maximum(counts.sum(axis=(-2, -1)), 1),
        "macro_f1": f1.mean(axis=-1),
        "precision": right / np.maximum(called, 1),
        "recall": right / np.maximum(there, 1),
        "f1": f1,
    }


def accuracy(labels: np.ndarray, chances: np.ndarray, weights: np.ndarray | None = None) -> float | None:
    """Share of the rows whose likeliest label is the right one, 0 to 1; None without rows.

    labels: label rows (N,), whole numbers of any type; chances: (N, C); weights (N,) count each row that often.

    >>> accuracy(np.array([0, 1]), np.array([[0.9, 0.1], [0.6, 0.4]]))
    0.5
    """
    return _score("accuracy", labels, chances, weights)


def macro_f1(labels: np.ndarray, chances: np.ndarray, weights: np.ndarray | None = None) -> float | None:
    """Mean of the labels' F1, 0 to 1: each label counts the same, however rare. Else as `accuracy`.

    >>> macro_f1(np.array([0, 1]), np.array([[0.9, 0.1], [0.6, 0.4]]))  # F1 is 2/3 and 0
    0.3333333333333333
    """
    return _score("macro_f1", labels, chances, weights)


def classification_report(
    truth: np.ndarray, probabilities: np.ndarray, labels: list[str], num_resamples: int = 2000, seed: int = 0
) -> dict[str, Any]:
    """Everything as JSON: each metric with `value, low, high` (95%, rows resampled), per label, and the confusion.

    truth: label rows (N,), at least one; probabilities: (N, C). `calibration_error` is that of the label given (Guo et al.,
    2017): how far its probability is from how often it is right, 0 to 1; it has no interval, since resampling only
    raises it, but `by_chance`, what perfect probabilities would show on so many rows.
    """
    predicted, rng = probabilities.argmax(axis=1), np.random.default_rng(seed)
    counts = confusion(truth, predicted, len(labels))
    # To resample rows is to draw the cells of the confusion from a multinomial.
    drawn = rng.multinomial(len(truth), (counts / counts.sum()).ravel(), num_resamples)
    found, spread = scores(counts), scores(drawn.reshape(num_resamples, *counts.shape))
    metrics = {name: _with_interval(found[name], spread[name]) for name in ("accuracy", "macro_f1")}
    right, sureness = (truth == predicted).astype(np.float64), probabilities.max(axis=1)
    by_chance = [calibration_error((rng.random(len(truth)) < sureness).astype(float), sureness) for _ in range(100)]
    error = {"value": calibration_error(right, sureness), "by_chance": float(np.mean(np.array(by_chance)))}
    per_label = {
        label: {
            **{name: _with_interval(found[name][row], spread[name][:, row]) for name in ("precision", "recall", "f1")},
            "num_rows": int(counts[row].sum()),
        }
        for row, label in enumerate(labels)
    }
    return {
        "num_rows": len(truth),
        **metrics,
        "calibration_error": error,
        "labels": per_label,
        "confusion": {
            label: dict(zip(labels, row, strict=True)) for label, row in zip(labels, counts.tolist(), strict=True)
        },
    }


def _score(name: str, labels: np.ndarray, chances: np.ndarray, weights: np.ndarray | None) -> float | None:
    if chances.ndim != 2 or len(labels) != len(chances):
        raise DataError(
            f"Labels {labels.shape} and chances {chances.shape} must belong to the same rows. "
            "Give each row one label, and a chance for each label that there is."
        )
    weights = np.ones(len(labels)) if weights is None else weights
    if not weights.sum():
        return None
    num_labels = chances.shape[1]
    cells = labels.astype(np.int64) * num_labels + chances.argmax(axis=1)
    counts = np.bincount(cells, weights=weights, minlength=num_labels**2).reshape(num_labels, num_labels)
    return float(scores(counts)[name])


def _with_interval(value: np.ndarray, spread: np.ndarray) -> dict[str, float]:
    low, high = np.quantile(spread, [0.025, 0.975])
    return {"value": float(value), "low": float(low), "high": float(high)}

import math
from collections.abc import Callable

import numpy as np
import pytest
from sklearn import metrics as reference

from penchant.evaluation.prediction import (
    auc,
    average_precision,
    brier,
    calibration_error,
    log_loss,
    mae,
    reliability_curve,
    rmse,
)
from penchant.records.errors import DataError

Metric = Callable[..., float | None]

ANY_LABELS = [(rmse, reference.root_mean_squared_error), (mae, reference.mean_absolute_error)]
PROBABILITIES = [
    (brier, reference.brier_score_loss),
    (log_loss, reference.log_loss),
    (auc, reference.roc_auc_score),
    (average_precision, reference.average_precision_score),
]
EVERY = [rmse, mae, brier, log_loss, auc, average_precision, calibration_error]


def probabilities_of(num_levels: int, size: int = 2000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, predictions on a grid of `num_levels` + 1 (0 and 1 too, with ties), whole weights from 0 to 3."""
    rng = np.random.default_rng(num_levels)
    predictions = rng.integers(0, num_levels + 1, size) / num_levels
    return (rng.random(size) < 0.2 + predictions / 2).astype(int), predictions, rng.integers(0, 4, size)


@pytest.mark.parametrize(("ours", "theirs"), ANY_LABELS)
def test_ratings_agree_with_scikit_learn(ours: Metric, theirs: Metric) -> None:
    rng = np.random.default_rng(0)
    labels, predictions, weights = rng.integers(1, 6, 2000), rng.normal(3, 1, 2000), rng.integers(0, 4, 2000)
    assert ours(labels, predictions) == pytest.approx(theirs(labels, predictions), abs=1e-12)
    expected = theirs(labels, predictions, sample_weight=weights)
    assert ours(labels, predictions, weights) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("num_levels", [1, 7, 10**6])
@pytest.mark.parametrize(("ours", "theirs"), PROBABILITIES)
def test_probabilities_agree_with_scikit_learn(ours: Metric, theirs: Metric, num_levels: int) -> None:
    labels, predictions, weights = probabilities_of(num_levels)
    assert ours(labels, predictions) == pytest.approx(theirs(labels, predictions), abs=1e-12)
    expected = theirs(labels, predictions, sample_weight=weights)
    assert ours(labels, predictions, weights) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("metric", "labels", "predictions", "expected"),
    [
        (rmse, [5, 1], [4, 3], math.sqrt((1**2 + 2**2) / 2)),
        (mae, [5, 1], [4, 3], (1 + 2) / 2),
        (brier, [1, 0], [0.75, 0.5], (1 / 16 + 1 / 4) / 2),
        (log_loss, [1, 0], [0.75, 0.5], -(math.log(3 / 4) + math.log(1 / 2)) / 2),
        (auc, [1, 0, 1, 0], [0.6, 0.6, 0.8, 0.9], (1 / 2 + 0 + 1 + 0) / 4),  # a tie counts half
        (average_precision, [1, 0, 1], [0.9, 0.8, 0.7], 1 / 2 * 1 / 1 + 1 / 2 * 2 / 3),
        (average_precision, [0, 1, 1], [0.9, 0.8, 0.8], 2 / 3),  # a tie is one step
    ],
)
def test_hand_worked_values(metric: Metric, labels: list[int], predictions: list[float], expected: float) -> None:
    assert metric(np.array(labels), np.array(predictions)) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("metric", EVERY)
def test_a_weight_counts_a_row_that_often(metric: Metric) -> None:
    labels, predictions, weights = probabilities_of(7)
    copies = np.repeat(np.arange(len(labels)), weights)
    if metric is calibration_error:  # its bins stay those of all rows: give every row a copy
        weights = np.full(len(labels), 2)
        copies = np.repeat(np.arange(len(labels)), 2)
    expected = metric(labels[copies], predictions[copies])
    assert metric(labels, predictions, weights) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("metric", EVERY)
def test_tags_are_read_flat(metric: Metric) -> None:
    labels, predictions, weights = probabilities_of(50)
    tags = metric(labels.reshape(-1, 4), predictions.reshape(-1, 4), weights[:500])
    assert tags == pytest.approx(metric(labels, predictions, np.repeat(weights[:500], 4)), abs=1e-12)


@pytest.mark.parametrize("metric", [auc, average_precision])
def test_rank_metrics_see_only_the_order(metric: Metric) -> None:
    labels, predictions, _ = probabilities_of(50)
    assert metric(labels, np.exp(3 * predictions)) == metric(labels, predictions)


@pytest.mark.parametrize("metric", EVERY)
def test_no_rows_have_no_value(metric: Metric) -> None:
    assert metric(np.zeros(0), np.zeros(0)) is None
    assert metric(np.ones(2), np.ones(2), np.zeros(2)) is None


def test_one_class_has_no_rank_metric() -> None:
    assert auc(np.zeros(3), np.array([0.1, 0.2, 0.3])) is None
    assert auc(np.ones(3), np.array([0.1, 0.2, 0.3])) is None
    assert average_precision(np.zeros(3), np.array([0.1, 0.2, 0.3])) is None
    assert average_precision(np.ones(3), np.array([0.1, 0.2, 0.3])) == 1


@pytest.mark.parametrize("metric", EVERY)
def test_shapes_must_agree(metric: Metric) -> None:
    with pytest.raises(DataError, match=r"shapes are \(3,\), \(2,\) and \(3,\)"):
        metric(np.zeros(3), np.zeros(2))
    with pytest.raises(DataError, match=r"shapes are \(3,\), \(3,\) and \(2,\)"):
        metric(np.zeros(3), np.zeros(3), np.ones(2))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("metric", EVERY)
def test_values_must_be_finite(metric: Metric, bad: float) -> None:
    with pytest.raises(DataError, match="must be finite numbers"):
        metric(np.array([0.0, 1.0]), np.array([0.5, bad]))


def test_reliability_is_the_mean_of_each_bin() -> None:
    curve = reliability_curve(np.array([0, 1, 0, 1]), np.array([0.1, 0.3, 0.6, 0.8]), num_bins=2)
    assert curve.predicted == pytest.approx([(0.1 + 0.3) / 2, (0.6 + 0.8) / 2])
    assert curve.observed.tolist() == [1 / 2, 1 / 2]
    assert curve.count.tolist() == [2, 2]


def test_calibration_error_is_the_weighted_gap_of_the_curve() -> None:
    labels, predictions, _ = probabilities_of(10**6)
    curve = reliability_curve(labels, predictions)
    assert curve.count.tolist() == [200] * 10
    expected = (curve.count / 2000 * np.abs(curve.predicted - curve.observed)).sum()
    assert calibration_error(labels, predictions) == pytest.approx(expected, abs=1e-12)
    assert calibration_error(np.array([0, 0, 0, 1]), np.full(4, 0.75)) == 0.75 - 1 / 4


def test_equal_predictions_share_a_bin() -> None:
    curve = reliability_curve(np.arange(100) % 2, np.repeat([0.2, 0.7], 50))
    assert curve.count.tolist() == [50, 50]
    assert curve.predicted == pytest.approx([0.2, 0.7])


def test_reliability_of_nothing_is_empty() -> None:
    assert reliability_curve(np.zeros(0), np.zeros(0)).count.tolist() == []

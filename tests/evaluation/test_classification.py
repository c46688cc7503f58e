"""Metrics of labels, by visible arithmetic and against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_recall_fscore_support

from penchant.evaluation.classification import classification_report, confusion, scores

RNG = np.random.default_rng(0)
TRUTH = RNG.integers(0, 3, 500)
PROBABILITIES = RNG.dirichlet([1, 1, 1], 500)
PROBABILITIES[np.arange(500), TRUTH] += 0.4
PROBABILITIES /= PROBABILITIES.sum(axis=1, keepdims=True)


def test_confusion_has_the_truth_in_its_rows() -> None:
    assert confusion(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), 2).tolist() == [[2, 1], [0, 1]]


def test_scores_by_hand() -> None:
    found = scores(np.array([[2, 1], [0, 1]]))
    assert found["accuracy"] == 3 / 4
    assert found["precision"].tolist() == [2 / 2, 1 / 2]
    assert found["recall"].tolist() == [2 / 3, 1 / 1]
    assert found["f1"].tolist() == [4 / 5, 2 / 3]
    assert found["macro_f1"] == pytest.approx((4 / 5 + 2 / 3) / 2)


def test_scores_agree_with_scikit_learn() -> None:
    predicted = PROBABILITIES.argmax(axis=1)
    found = scores(confusion(TRUTH, predicted, 3))
    theirs = precision_recall_fscore_support(TRUTH, predicted)
    for name, values in zip(("precision", "recall", "f1"), theirs, strict=False):
        np.testing.assert_allclose(found[name], values)
    assert found["macro_f1"] == pytest.approx(f1_score(TRUTH, predicted, average="macro"))


def test_a_label_that_is_never_called_has_zero_not_nan() -> None:
    found = scores(np.array([[3, 0], [2, 0]]))
    assert found["precision"].tolist() == [3 / 5, 0]
    assert found["f1"].tolist() == [6 / 8, 0]


def test_the_interval_is_that_of_resampled_rows() -> None:
    told = classification_report(TRUTH, PROBABILITIES, ["a", "b", "c"])["accuracy"]
    right = (PROBABILITIES.argmax(axis=1) == TRUTH).astype(float)
    means = right[np.random.default_rng(1).integers(0, 500, (2000, 500))].mean(axis=1)
    assert told["value"] == right.mean()
    assert (told["low"], told["high"]) == pytest.approx(tuple(np.quantile(means, [0.025, 0.975])), abs=0.006)


def test_calibration_error_stands_beside_what_chance_would_show() -> None:
    sure = np.tile([0.9, 0.1], (1000, 1))
    truth = (np.arange(1000) % 10 >= 5).astype(int)  # right half of the time
    error = classification_report(truth, sure, ["a", "b"])["calibration_error"]
    assert error["value"] == pytest.approx(0.9 - 0.5)
    assert error["by_chance"] == pytest.approx(np.sqrt(0.9 * 0.1 / 1000) * np.sqrt(2 / np.pi), rel=0.3)


def test_the_report_names_labels() -> None:
    told = classification_report(np.array([0, 1]), np.array([[0.7, 0.3], [0.6, 0.4]]), ["bad", "good"])
    assert told["confusion"] == {"bad": {"bad": 1, "good": 0}, "good": {"bad": 1, "good": 0}}
    assert told["labels"]["good"]["num_rows"] == 1

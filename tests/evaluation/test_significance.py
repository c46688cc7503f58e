import numpy as np
import pytest

from penchant.evaluation.prediction import auc, rmse
from penchant.evaluation.significance import bootstrap_interval, clustered_interval, paired_difference
from penchant.records.errors import DataError


def test_covers_the_true_mean_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    samples = rng.exponential(1.0, (400, 100))  # true mean 1
    ends = [bootstrap_interval(sample, num_resamples=400, seed=i) for i, sample in enumerate(samples)]
    share = np.mean([low <= 1 <= high for low, high in ends])
    assert 0.89 < share < 0.98  # 95% meant; the percentile bootstrap of skewed samples covers a little less


def test_agrees_with_the_normal_interval() -> None:
    values = np.random.default_rng(1).normal(5, 2, 2000)
    error = values.std() / np.sqrt(2000)
    low, high = bootstrap_interval(values)
    assert (low, high) == pytest.approx((values.mean() - 1.96 * error, values.mean() + 1.96 * error), abs=0.1 * error)


def test_repeats_under_a_seed_and_follows_it() -> None:
    values = np.random.default_rng(2).random(50)
    assert bootstrap_interval(values) == bootstrap_interval(values)
    assert bootstrap_interval(values) != bootstrap_interval(values, seed=1)


def test_more_confidence_is_wider() -> None:
    values = np.random.default_rng(3).random(50)
    narrow, wide = bootstrap_interval(values, confidence=0.5), bootstrap_interval(values, confidence=0.99)
    assert wide[0] < narrow[0] < values.mean() < narrow[1] < wide[1]


def test_pairing_sees_what_separate_intervals_hide() -> None:
    rng = np.random.default_rng(4)
    theirs = rng.random(100)
    ours = theirs + rng.normal(0.01, 0.01, 100)
    difference = paired_difference(ours, theirs)
    assert difference.value == pytest.approx(ours.mean() - theirs.mean())
    assert 0 < difference.low < difference.value < difference.high
    assert bootstrap_interval(ours)[0] < bootstrap_interval(theirs)[1]


def test_swapping_the_sides_mirrors_the_difference() -> None:
    rng = np.random.default_rng(5)
    ours, theirs = rng.random(30), rng.random(30)
    there, back = paired_difference(ours, theirs), paired_difference(theirs, ours)
    assert (back.value, back.low, back.high) == pytest.approx((-there.value, -there.high, -there.low))


def test_pairs_need_the_same_cases() -> None:
    with pytest.raises(DataError, match=r"there are \(3,\) and \(2,\)"):
        paired_difference(np.ones(3), np.ones(2))


def test_nobody_has_no_interval() -> None:
    with pytest.raises(DataError, match="needs at least one case"):
        bootstrap_interval(np.zeros(0))


def test_one_prediction_each_is_the_plain_bootstrap() -> None:
    errors = np.random.default_rng(6).normal(0, 1, 500)
    low, high = clustered_interval(rmse, np.zeros(500), errors, np.arange(500))
    square_low, square_high = bootstrap_interval(errors**2)
    assert (low, high) == pytest.approx((square_low**0.5, square_high**0.5), abs=0.01)


def test_copies_of_a_person_add_no_certainty() -> None:
    errors = np.random.default_rng(7).normal(0, 1, 40)
    people, copies = np.arange(40), np.repeat(np.arange(40), 25)
    once = clustered_interval(rmse, np.zeros(40), errors, people)
    often = clustered_interval(rmse, np.zeros(1000), errors[copies], copies)
    unclustered = clustered_interval(rmse, np.zeros(1000), errors[copies], np.arange(1000), num_resamples=300)
    assert often == pytest.approx(once, abs=1e-12)
    assert unclustered[1] - unclustered[0] < (once[1] - once[0]) / 3


def test_clusters_of_tags_are_rows() -> None:
    labels, predictions = np.array([[1, 0], [0, 1]]), np.array([[0.9, 0.1], [0.2, 0.8]])
    assert clustered_interval(auc, labels, predictions, np.array([0, 1]), num_resamples=20) == (1, 1)


def test_resamples_of_one_class_are_left_out() -> None:
    labels, predictions = np.array([1, 0]), np.array([0.9, 0.1])
    assert clustered_interval(auc, labels, predictions, np.array([3, 8]), num_resamples=50) == (1, 1)


@pytest.mark.parametrize("size", [0, 3])
def test_an_undefined_metric_has_no_interval(size: int) -> None:
    with pytest.raises(DataError, match=f"on these {size} predictions it is not"):
        clustered_interval(auc, np.ones(size), np.ones(size), np.arange(size), num_resamples=20)

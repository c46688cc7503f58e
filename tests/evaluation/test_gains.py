import numpy as np
import pytest

from penchant.evaluation.gains import (
    FEW_LABELS,
    HELPS,
    HURTS,
    NEUTRAL,
    Gain,
    advice,
    delta_m,
    gain_by_case,
    gain_by_label,
    relative,
    verdict,
)
from penchant.evaluation.prediction import auc, rmse
from penchant.records.errors import DataError


@pytest.mark.parametrize(
    ("low", "high", "by_seed", "wanted"),
    [
        (1 / 10, 3 / 10, (1 / 10, 2 / 10), HELPS),
        (1 / 10, 3 / 10, (-1 / 10, 5 / 10), NEUTRAL),  # one seed disagrees
        (0, 3 / 10, (1 / 10, 2 / 10), NEUTRAL),  # 0 is no gain
        (-1 / 10, 3 / 10, (1 / 10, 2 / 10), NEUTRAL),
        (-3 / 10, -1 / 10, (-1 / 10, -2 / 10), HURTS),
        (-3 / 10, -1 / 10, (-5 / 10, 1 / 10), NEUTRAL),
    ],
)
def test_a_verdict_needs_people_and_seeds(low: float, high: float, by_seed: tuple[float, ...], wanted: str) -> None:
    assert verdict(low, high, by_seed) == wanted


def test_the_gain_of_cases_is_that_of_the_mean_person() -> None:
    joint, twin = np.array([[1, 1 / 2], [1 / 2, 1 / 2]]), np.array([[1 / 2, 1 / 2], [1 / 4, 1 / 4]])
    found = gain_by_case(joint, twin)
    assert (found.joint, found.twin, found.value) == (5 / 8, 3 / 8, 1 / 4)
    assert found.by_seed == (1 / 4, 1 / 4)
    assert (found.low, found.high) == (1 / 8, 3 / 8)  # people gained 3/8 and 1/8 over both seeds
    assert found.verdict == HELPS


def test_of_an_error_less_is_better() -> None:
    labels, users = np.array([1.0, 1.0, 1.0, 1.0]), np.array([0, 0, 1, 1])
    joint, twin = np.array([[2, 2, 2, 2.0]]), np.array([[4, 4, 4, 4.0]])
    found = gain_by_label(rmse, "min", labels, joint, twin, users)
    assert found is not None
    assert (found.joint, found.twin, found.value, found.low, found.high) == (1, 3, 2, 2, 2)
    back = gain_by_label(rmse, "min", labels, twin, joint, users)
    assert back is not None
    assert (back.value, back.verdict) == (-2, HURTS)
    assert relative(found) == 2 / 3


def test_the_interval_is_of_people_not_of_rows() -> None:
    """One person of two with 1,000 rows each gains, the other one doesn't: nothing is shown, however many the rows."""
    users = np.repeat([0, 1], 1000)
    labels, twin = np.zeros(2000), np.full((1, 2000), 2.0)
    joint = np.where(users == 0, 1.0, 2.0)[None]
    found = gain_by_label(rmse, "min", labels, joint, twin, users)
    assert found is not None
    assert (found.low, found.high) == (0, 1)
    assert found.verdict == NEUTRAL


def test_seeds_are_averaged_before_people_are_drawn() -> None:
    """Seeds that take from one person what they give to another leave nothing but the mean."""
    labels, users, twin = np.zeros(2), np.array([0, 1]), np.full((2, 2), 4.0)
    joint = np.array([[3.0, 5.0], [5.0, 3.0]])

    def mean(labels: np.ndarray, predictions: np.ndarray, weights: np.ndarray) -> float:
        return float(np.average(predictions, weights=weights))

    found = gain_by_label(mean, "max", labels, joint, twin, users)
    assert found is not None
    assert (found.low, found.value, found.high) == (0, 0, 0)


def test_what_is_not_defined_is_not_told() -> None:
    one_class = np.ones(3)
    predictions = np.full((2, 3), 0.5)
    assert gain_by_label(auc, "max", one_class, predictions, predictions, np.arange(3)) is None
    with pytest.raises(DataError, match=r"same questions, but there are \(1, 2\) and \(1, 3\)"):
        gain_by_case(np.zeros((1, 2)), np.zeros((1, 3)))


def test_delta_m_is_the_mean_share() -> None:
    told = {"joint": 0.0, "low": 0.0, "high": 0.0, "by_seed": (0.0,)}
    gains = [Gain(twin=1 / 2, value=1 / 4, **told), Gain(twin=-2, value=-1 / 2, **told), Gain(twin=0, value=1, **told)]
    assert delta_m(gains) == pytest.approx((1 / 2 - 1 / 4) / 2)
    assert delta_m([]) is None


def test_advice_follows_the_reason() -> None:
    few, many = FEW_LABELS - 1, FEW_LABELS
    assert "Keep it" in advice(HELPS, "like", {"tags": -1.0}, few)
    assert "Nothing is shown" in advice(NEUTRAL, "like", {"tags": -1.0}, few)
    assert "oppose those of tags" in advice(HURTS, "like", {"rating": -0.1, "tags": -0.2}, few)
    assert f"few labels ({few})" in advice(HURTS, "like", {"tags": 0.0}, few)
    assert "a higher weight of like" in advice(HURTS, "like", {"tags": 0.0}, many)
    assert "a higher weight of like" in advice(HURTS, "like", {}, many)

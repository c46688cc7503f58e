import numpy as np
import pytest

from penchant.evaluation.off_policy.log import Log
from penchant.records.errors import DataError


def a_log(**changes: np.ndarray) -> Log:
    given = {
        "user_rows": np.array([0, 1]),
        "actions": np.array([2, 0]),
        "rewards": np.array([1.0, 0.0]),
        "propensities": np.array([0.5, 0.2]),
    }
    return Log(**(given | changes))


def test_weights_are_ratios_of_chances() -> None:
    target = np.array([[0.5, 0.25, 0.25], [0.4, 0.6, 0.0]])
    assert a_log().weights(target).tolist() == [0.25 / 0.5, 0.4 / 0.2]
    assert a_log().weights(np.array([0.25, 0.4])).tolist() == [0.25 / 0.5, 0.4 / 0.2]


def test_probabilities_of_float32_add_up_well_enough() -> None:
    scores = np.random.default_rng(0).normal(size=(2, 5000)).astype(np.float32)
    target = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    assert a_log().weights(target).shape == (2,)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("propensities", [0.5, 0.0], r"above 0 and at most 1, but event 1 has 0\.0"),
        ("propensities", [1.5, 0.1], r"above 0 and at most 1, but event 0 has 1\.5"),
        ("propensities", [0.5, np.nan], "above 0 and at most 1, but event 1 has nan"),
        ("rewards", [np.inf, 0.0], "finite number, but event 0 has inf"),
        ("rewards", [1.0], "as many of each"),
    ],
)
def test_a_log_that_cannot_be_one(name: str, value: list[float], message: str) -> None:
    with pytest.raises(DataError, match=message):
        a_log(**{name: np.array(value)})


def test_an_empty_log() -> None:
    nothing = np.zeros(0)
    with pytest.raises(DataError, match="at least one"):
        Log(user_rows=nothing, actions=nothing, rewards=nothing, propensities=nothing)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (np.ones(3) / 3, r"each of the 2 events, \(N,\) or \(N, A\), but they are \(3,\)"),
        (np.array([[0.5, 0.5, 0.5], [1.0, 0.0, 0.0]]), r"those of event 0 add up to 1\.5"),
        (np.array([[2.0, -1.0, 0.0], [1.0, 0.0, 0.0]]), r"go from -1\.0 to 2\.0"),
        (np.full((2, 3), np.nan), "within 0..1"),
        (np.array([[0.5, 0.5], [0.5, 0.5]]), r"columns 0\.\.1 of the probabilities, but the log has 0\.\.2"),
    ],
)
def test_what_is_no_policy_for_this_log(target: np.ndarray, message: str) -> None:
    with pytest.raises(DataError, match=message):
        a_log().weights(target)

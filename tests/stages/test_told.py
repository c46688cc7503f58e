import numpy as np
import pytest

from penchant.records.errors import ConfigError
from penchant.records.events import Events, histories_of
from penchant.stages.told import right_after, told


def test_several_values_come_highest_first_and_single_ones_without_a_label() -> None:
    values = {"tags": np.array([[0.2, 0.7], [0.4, 0.3]]), "return_gap": np.array([60.0, 90.0])}
    table = told("user_id", ["b", "a"], values, {"tags": ["quiet", "loud"]})
    assert table.rows() == [
        ("b", "tags", "loud", 0.7),
        ("b", "tags", "quiet", 0.2),
        ("b", "return_gap", None, 60.0),
        ("a", "tags", "quiet", 0.4),
        ("a", "tags", "loud", 0.3),
        ("a", "return_gap", None, 90.0),
    ]


def test_who_is_asked_twice_is_told_twice() -> None:
    assert (
        told("text", ["x", "x"], {"sentiment": np.array([0.5, 0.5])}, {}).rows() == [("x", "sentiment", None, 0.5)] * 2
    )


def test_a_model_without_such_a_task_says_so() -> None:
    with pytest.raises(ConfigError, match="no task that tells of a text"):
        told("text", ["x"], {}, {})


def test_people_are_asked_at_their_last_event() -> None:
    events = Events(
        user_rows=np.array([0, 0], np.int32),
        item_rows=np.array([1, 2], np.int32),
        timestamps=np.array([5, 8]),
        values=np.full(2, np.nan, np.float32),
        kinds=np.ones(2, np.int16),
        text_rows=np.full(2, -1, np.int32),
    )
    histories = right_after(histories_of(events, np.array([0, -1]), np.array([20, 20]), 1))
    assert histories.request_times.tolist() == [8, 20]
    assert histories.ages.tolist() == [0, 0]

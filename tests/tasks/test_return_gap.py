import numpy as np
import pytest

from contracts.task_contract import FACTS, TaskContract
from penchant.tasks.return_gap import ReturnGap


class TestReturnGap(TaskContract):
    def make(self, weight: float | None = None, rate: float = 1.0) -> ReturnGap:
        return ReturnGap(weight, rate)

    def perfect(self, labels: np.ndarray) -> np.ndarray:
        return labels


def test_labels_come_back_as_seconds_and_the_last_event_of_a_person_has_none() -> None:
    task, asked = TestReturnGap().asked()
    assert task.numbers is not None
    found = task.numbers.invert(task.labels(asked, FACTS)[:, 0])
    people = asked.events.user_rows
    own = np.flatnonzero(people == people[0])
    times = asked.events.timestamps[own]
    assert found[own[:-1]].tolist() == pytest.approx(np.diff(times).tolist(), abs=1e-3)
    assert np.isnan(found[own[-1]])

from dataclasses import replace

import numpy as np
import pytest

from contracts.task_contract import FACTS, TaskContract, log
from penchant.records import words
from penchant.tasks.dwell import KINDS_WITH_TIME, Dwell
from penchant.tasks.tables import ask_events


class TestDwell(TaskContract):
    def make(self, weight: float | None = None, rate: float = 1.0) -> Dwell:
        return Dwell(weight, rate)

    def perfect(self, labels: np.ndarray) -> np.ndarray:
        return labels


def test_labels_come_back_as_the_users_own_hours() -> None:
    task, asked = TestDwell().asked()
    labels = task.labels(asked, FACTS)[:, 0]
    spent = np.isin(asked.events.kinds, [words.KINDS.index(kind) for kind in KINDS_WITH_TIME])
    assert (np.isnan(labels) == ~spent).all()
    assert task.numbers is not None
    assert asked.events.amounts is not None
    np.testing.assert_allclose(task.numbers.invert(labels[spent]), asked.events.amounts[spent], rtol=1e-4, atol=1e-4)
    assert labels[spent].mean() == pytest.approx(0, abs=1e-5)
    assert labels[spent].std() == pytest.approx(1, abs=1e-5)


def test_impossible_hours_and_none_are_no_labels() -> None:
    events = log()
    negative = replace(events, amounts=-np.ones(len(events), np.float32))
    for changed in (negative, replace(events, amounts=None)):
        asked = ask_events(changed)
        task = Dwell().fitted(asked, FACTS)
        assert np.isnan(task.labels(asked, FACTS)).all()

import numpy as np
import pytest

from contracts.task_contract import FACTS, TaskContract, sure
from penchant.tasks.interests import Interests


class TestInterests(TaskContract):
    def make(self, weight: float | None = None, rate: float = 1.0) -> Interests:
        return Interests(weight, rate)

    def perfect(self, labels: np.ndarray) -> np.ndarray:
        return sure(labels)


def test_labels_are_those_of_the_item_that_somebody_turns_to() -> None:
    task, asked = TestInterests().asked()
    labels = task.labels(asked, FACTS)
    speaks = asked.events.speak_for_items
    scores = FACTS.interests(()).scores
    np.testing.assert_array_equal(labels[speaks], scores[asked.events.item_rows[speaks]])
    assert np.isnan(labels[~speaks]).all()
    assert task.columns == ("calm", "loud", "old")


def test_own_words_are_the_labels() -> None:
    _, asked = TestInterests().asked()
    task = Interests(words="space| jazz").fitted(asked, FACTS)
    assert task.columns == ("space", "jazz")
    assert task.labels(asked, FACTS).shape[1] == 2
    assert 1 / (1 + np.exp(-task.constant(np.array([[0.2, 0.5], [0.4, 0.5]], np.float32)))) == pytest.approx([0.3, 0.5])

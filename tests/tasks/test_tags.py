import numpy as np

from contracts.task_contract import TaskContract, sure
from penchant.tasks.tags import Tags


class TestTags(TaskContract):
    def make(self, weight: float | None = None, rate: float = 1.0) -> Tags:
        return Tags(weight, rate)

    def perfect(self, labels: np.ndarray) -> np.ndarray:
        return sure(labels)


def test_columns_are_the_tags() -> None:
    assert TestTags().asked()[0].columns == ("red", "blue")

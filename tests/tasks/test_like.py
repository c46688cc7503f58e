import numpy as np

from contracts.task_contract import TaskContract, sure
from penchant.tasks.like import Like


class TestLike(TaskContract):
    def make(self, weight: float | None = None, rate: float = 1.0) -> Like:
        return Like(weight, rate)

    def perfect(self, labels: np.ndarray) -> np.ndarray:
        return sure(labels)

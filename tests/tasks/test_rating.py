import numpy as np
import pytest

from contracts.task_contract import TaskContract, sure
from penchant.records.errors import ConfigError
from penchant.tasks.rating import LEVELS, Rating


class TestRating(TaskContract):
    loss = "squared"

    def make(self, weight: float | None = None, rate: float = 1.0) -> Rating:
        return Rating(weight, rate, self.loss)

    def perfect(self, labels: np.ndarray) -> np.ndarray:
        return labels


class TestHuberRating(TestRating):
    loss = "huber"


class TestOrdinalRating(TestRating):
    loss = "ordinal"

    def perfect(self, labels: np.ndarray) -> np.ndarray:
        return sure(labels >= np.array(LEVELS))


def test_an_unknown_loss_is_told_of_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"Unknown loss 'hubber'.*Did you mean 'huber'"):
        Rating(loss="hubber")

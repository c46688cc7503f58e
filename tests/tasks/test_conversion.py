import numpy as np
import pytest
import torch

from contracts.task_contract import TaskContract, sure
from penchant.ranking.links import reduced, valued
from penchant.tasks.conversion import Conversion


class TestConversion(TaskContract):
    def make(self, weight: float | None = None, rate: float = 1.0) -> Conversion:
        return Conversion(weight, rate)

    def perfect(self, labels: np.ndarray) -> np.ndarray:
        return sure(labels)


def test_the_value_is_the_chance_of_both() -> None:
    logits = np.log([[0.5 / 0.5, 0.2 / 0.8]])  # half click, a fifth of them buy
    assert valued("chain", reduced("chain", logits)).tolist() == pytest.approx([0.5 * 0.2])


def test_the_loss_is_that_of_the_click_and_that_of_the_product() -> None:
    outputs, labels = torch.tensor([[0.0, 0.0]]), torch.tensor([[1.0, 0.0]])
    assert Conversion().loss(outputs, labels).item() == pytest.approx(-np.log(1 / 2) - np.log(1 - 1 / 4))


def test_the_constant_is_the_share_of_clicks_and_of_purchases_among_them() -> None:
    labels = np.array([[1, 1], [1, 0], [0, 0], [0, 0]], np.float32)
    assert (1 / (1 + np.exp(-Conversion().constant(labels)))).tolist() == pytest.approx([2 / 4, 1 / 2])
    assert Conversion().targets(labels).tolist() == [1, 0, 0, 0]

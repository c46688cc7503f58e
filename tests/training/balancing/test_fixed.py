"""Fixed weights are a weighted sum of the losses, in closed form."""

import torch

from penchant.training.balancing.fixed import FixedWeights


def test_the_gradient_is_the_weighted_sum() -> None:
    x = torch.tensor([3.0, 5.0], requires_grad=True)
    losses = {"a": x[0] ** 2, "b": x[0] * x[1]}
    weights = FixedWeights(["a", "b"], [2.0, 1.0]).backward(losses, [], [])
    assert weights == {"a": 2.0, "b": 1.0}
    assert x.grad is not None
    assert x.grad.tolist() == [2 * 2 * 3 + 1 * 5, 1 * 3]


def test_an_absent_task_changes_nothing_for_the_others() -> None:
    x = torch.tensor([3.0], requires_grad=True)
    weights = FixedWeights(["a", "b"], [2.0, 7.0]).backward({"a": x.sum()}, [], [])
    assert weights == {"a": 2.0}
    assert x.grad is not None
    assert x.grad.tolist() == [2.0]

"""Dynamic weight average looks at the means of two epochs."""

import pytest
import torch

from penchant.training.balancing.dwa import DynamicAverage


def epoch(balancer: DynamicAverage, *batches: tuple[float, float]) -> dict[str, float]:
    x = torch.tensor(1.0, requires_grad=True)
    for a, b in batches:
        weights = balancer.backward({"a": a * x, "b": b * x}, [], [])
    balancer.on_epoch()
    return weights


def test_the_task_that_learned_slowly_weighs_more() -> None:
    """Means of the epochs: a 4 then 1 (rate 1/4), b 4 then 3 (rate 3/4); temperature 2, two tasks."""
    balancer = DynamicAverage(["a", "b"])
    assert epoch(balancer, (3.0, 4.0), (5.0, 4.0)) == {"a": 1.0, "b": 1.0}
    assert epoch(balancer, (1.0, 2.0), (1.0, 4.0)) == {"a": 1.0, "b": 1.0}
    shares = torch.softmax(torch.tensor([1 / 4, 3 / 4]) / 2, dim=0)
    assert epoch(balancer, (1.0, 1.0)) == pytest.approx({"a": 2 * shares[0].item(), "b": 2 * shares[1].item()})


def test_a_state_of_the_middle_of_an_epoch_goes_on() -> None:
    first, second = DynamicAverage(["a", "b"]), DynamicAverage(["a", "b"])
    epoch(first, (3.0, 4.0))
    x = torch.tensor(1.0, requires_grad=True)
    first.backward({"a": 2 * x, "b": 2 * x}, [], [])
    second.load_state(first.state())
    for balancer in (first, second):
        epoch(balancer, (4.0, 2.0))  # means: 3 and 2
    shares = torch.softmax(torch.tensor([3 / 3, 2 / 4]) / 2, dim=0)
    assert epoch(second, (1.0, 1.0)) == pytest.approx({"a": 2 * shares[0].item(), "b": 2 * shares[1].item()})

"""FAMO gives weight to the task that falls more slowly, and steps its own weights."""

import pytest
import torch

from penchant.records.errors import ConfigError
from penchant.training.balancing.famo import FastAdaptive


def losses(a: float, b: float) -> dict[str, torch.Tensor]:
    x = torch.tensor(1.0, requires_grad=True)
    return {"a": a * x, "b": b * x}


def test_weights_start_by_evening_out_the_sizes() -> None:
    """c z_i / l_i with z = 1/2 each and c = 1 / sum(z / l): for losses 1 and 4 that is 4/5 and 1/5."""
    assert FastAdaptive(["a", "b"]).backward(losses(1.0, 4.0), [], []) == pytest.approx({"a": 4 / 5, "b": 1 / 5})


def test_the_slower_task_gains() -> None:
    balancer = FastAdaptive(["a", "b"])
    assert balancer.second_look
    assert balancer.parameters() == []
    for _ in range(10):
        before = balancer.backward(losses(1.0, 1.0), [], [])
        balancer.after_step(losses(0.5, 0.99))
    assert before["b"] > 0.55
    assert sum(before.values()) == pytest.approx(1)


def test_a_loss_that_falls_below_zero_after_a_step_is_refused() -> None:
    balancer = FastAdaptive(["a", "b"])
    balancer.backward(losses(1.0, 1.0), [], [])
    with pytest.raises(ConfigError, match="the loss of 'a' is -1"):
        balancer.after_step(losses(-1.0, 1.0))

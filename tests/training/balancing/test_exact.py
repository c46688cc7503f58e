"""Exact gradient methods look at the parameters of the trunk, where features and parameters tell different things."""

import pytest
import torch

from penchant.stages.balancers import make_balancer
from training.balancing.small import AGAINST, TASKS, Small, gradient


def test_the_inner_products_are_those_of_the_parameters() -> None:
    """One parameter w, features (w, 2w): losses x_0 and -x_1 are orthogonal at the features, opposed at w.

    PCGrad of the slopes 1 and -2 at w takes everything away; at the features nothing.
    """
    results = {}
    for exact in (False, True):
        w = torch.tensor(1.0, requires_grad=True)
        feature = torch.stack([w, 2 * w])
        losses = {"a": feature[0] * 1.0, "b": -feature[1] * 1.0}
        make_balancer("pcgrad", ["a", "b"], exact=exact).backward(losses, [feature], [])
        assert w.grad is not None
        results[exact] = w.grad.item()
    assert results[False] == pytest.approx(1 - 2)
    assert results[True] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("word", ["upgrad", "mgda"])
def test_no_task_is_led_up_at_the_parameters(word: str) -> None:
    led_up = 0
    for number in range(20):
        network = Small()
        rows = []
        for name in TASKS:
            network.zero_grad()
            network.look(number, scales=AGAINST)[0][name].backward()
            rows.append(gradient(network.shared()))
        jacobian = torch.stack(rows)
        lengths = jacobian.norm(dim=1)
        allowed = -0.002 * lengths * lengths.max()
        led_up += bool((jacobian @ jacobian.sum(0) < 10 * allowed).any())
        losses, features = network.look(number, scales=AGAINST)
        network.zero_grad()
        weights = make_balancer(word, TASKS, exact=True).backward(losses, features, network.heads())
        direction = gradient(network.shared())
        torch.testing.assert_close(direction, torch.tensor(list(weights.values())) @ jacobian, rtol=1e-3, atol=1e-5)
        assert (jacobian @ direction > allowed).all()
    assert led_up > 10


def test_a_trunk_that_is_frozen_altogether_leaves_the_heads_to_learn() -> None:
    network = Small()
    for parameter in network.shared():
        parameter.requires_grad_(False)
    losses, features = network.look(0)
    weights = make_balancer("upgrad", TASKS, exact=True).backward(losses, features, network.heads())
    assert weights == dict.fromkeys(TASKS, 1.0)
    assert gradient(network.heads()).any()

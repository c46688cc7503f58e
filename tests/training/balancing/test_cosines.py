"""Cosines of the tasks' gradients at the shared features."""

import torch

from penchant.training.balancing.cosines import gradient_cosines
from training.balancing.small import TASKS, Small, gradient


def test_cosines_and_norms_are_those_of_the_gradients() -> None:
    x, y = (torch.ones(2, requires_grad=True) * 1 for _ in range(2))
    losses = {"a": 3 * x[0] + 4 * y[1], "c": -2 * x[0]}
    cosines, norms = gradient_cosines(losses, [x, y], ["a", "b", "c"])
    nan = torch.nan
    torch.testing.assert_close(
        cosines, torch.tensor([[1, nan, -3 / 5], [nan, nan, nan], [-3 / 5, nan, 1]]), equal_nan=True
    )
    torch.testing.assert_close(norms, torch.tensor([5, nan, 2]), equal_nan=True)


def test_a_look_changes_nothing_and_a_backward_may_follow() -> None:
    network, plain = Small(), Small()
    losses, features = network.look(0)
    cosines, _ = gradient_cosines(losses, features, TASKS)
    torch.testing.assert_close(cosines.diagonal(), torch.ones(4))
    assert cosines.abs().max() <= 1
    assert not gradient(list(network.parameters())).any()
    torch.stack(list(losses.values())).sum().backward()
    torch.stack(list(plain.look(0)[0].values())).sum().backward()
    torch.testing.assert_close(gradient(list(network.parameters())), gradient(list(plain.parameters())))


def test_zeros_have_no_direction_and_nobody_gives_nothing() -> None:
    x = torch.ones(2, requires_grad=True) * 1
    cosines, norms = gradient_cosines({"a": 0 * x.sum(), "b": x.sum()}, [x], ["a", "b"])
    torch.testing.assert_close(norms, torch.tensor([0, 2**0.5]))
    assert cosines.isnan().tolist() == [[True, True], [True, False]]
    assert gradient_cosines({}, [x], ["a", "b"])[0].isnan().all()

"""What gradient methods make of two tasks in conflict, in closed form, and of a real small network."""

import pytest
import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from penchant.stages.balancers import GRADIENT_METHODS, make_balancer
from penchant.training.balancing.features import take_gradients
from penchant.training.balancing.gradient import GradientBalancer
from penchant.training.balancing.weigher import Weigher
from training.balancing.small import AGAINST, TASKS, Small, gradient

A, B = torch.tensor([1.0, 0.0]), torch.tensor([-2.0, 1.0])
"""In conflict: A . B = -2; their sum (-1, 1) leads A up."""


def down(word: str, *, exact: bool = False) -> tuple[Tensor, dict[str, float]]:
    """The gradient of a trunk that is the identity, for the losses A . x and B . x."""
    x = torch.zeros(2, requires_grad=True)
    feature = x.view_as(x)
    weights = make_balancer(word, ["a", "b"], exact=exact).backward({"a": feature @ A, "b": feature @ B}, [feature], [])
    assert x.grad is not None
    torch.testing.assert_close(x.grad, weights["a"] * A + weights["b"] * B)
    return x.grad, weights


@pytest.mark.parametrize("word", GRADIENT_METHODS)
def test_in_conflict_no_method_takes_the_direction_of_the_sum(word: str) -> None:
    assert cosine_similarity(down(word)[0], A + B, dim=0) < 0.99


@pytest.mark.parametrize("word", ["upgrad", "mgda", "pcgrad", "nash-mtl", "fairgrad", "imtl-g"])
def test_neither_of_two_tasks_is_led_up(word: str) -> None:
    direction, _ = down(word)
    assert direction @ A > 0
    assert direction @ B > 0


@pytest.mark.parametrize("word", ["pcgrad", "upgrad"])
def test_two_tasks_lose_what_points_against_the_other(word: str) -> None:
    """A - (A.B / B.B) B = (1/5, 2/5), B - (A.B / A.A) A = (0, 1)."""
    assert down(word)[0].tolist() == pytest.approx([0.2, 1.4], abs=1e-4)


def test_mgda_takes_the_shortest_mixture() -> None:
    """share of A = B.(B - A) / |A - B|^2 = 7/10; twice 0.7 A + 0.3 B."""
    direction, weights = down("mgda")
    assert weights == pytest.approx({"a": 1.4, "b": 0.6})
    assert direction.tolist() == pytest.approx([0.2, 0.6])


@pytest.mark.parametrize("word", ["imtl-g", "nash-mtl", "fairgrad"])
def test_impartial_methods_halve_the_angle(word: str) -> None:
    halved = A / A.norm() + B / B.norm()
    assert cosine_similarity(down(word)[0], halved, dim=0) > 1 - 1e-4


def test_aligned_mtl_makes_the_gradients_orthogonal_and_as_long_as_the_shortest_axis() -> None:
    u, sizes, v = torch.linalg.svd(torch.stack([A, B]))
    torch.testing.assert_close(down("aligned-mtl")[0], sizes.min() * (u @ v).sum(0), rtol=1e-4, atol=1e-5)


def test_cagrad_stays_in_a_ball_around_the_mean() -> None:
    """On its border: half the length of the mean away, in sums twice that."""
    assert (down("cagrad")[0] - (A + B)).norm() == pytest.approx(0.5 * (A + B).norm().item(), rel=1e-4)


@pytest.mark.parametrize("word", GRADIENT_METHODS)
def test_at_a_trunk_that_is_the_identity_exact_is_the_same(word: str) -> None:
    torch.manual_seed(0)
    feature_level, _ = down(word)
    torch.manual_seed(0)
    torch.testing.assert_close(down(word, exact=True)[0], feature_level)


def test_weights_of_one_are_the_plain_sum() -> None:
    """Every path to the trunk is taken once: the item table's, which the trunk reads too, as well."""
    network, plain = Small(), Small()
    losses, features = network.look(0)
    GradientBalancer(TASKS, Weigher(lambda gramian: torch.ones(len(gramian)))).backward(
        losses, features, network.heads()
    )
    torch.stack(list(plain.look(0)[0].values())).sum().backward()
    torch.testing.assert_close(gradient(list(network.parameters())), gradient(list(plain.parameters())))


@pytest.mark.parametrize("word", ["upgrad", "mgda"])
def test_no_task_is_led_up_at_the_features(word: str) -> None:
    """To first order, where likes are to be wrong, so that the plain sum leads some task up. MGDA's solver stops early."""
    network, led_up = Small(), 0
    for number in range(20):
        losses, features = network.look(number, scales=AGAINST)
        gramian = take_gradients([losses[name] for name in TASKS], features, keep_graph=True).gramian()
        lengths = gramian.diagonal().sqrt()
        found = make_balancer(word, TASKS).backward(losses, features, network.heads())
        weights = torch.tensor(list(found.values()), dtype=torch.float64)
        allowed = -0.002 * lengths * lengths.max()
        led_up += bool((gramian.sum(1) < 10 * allowed).any())
        assert (gramian @ weights > allowed).all()
    assert led_up > 10


def test_heads_keep_their_plain_gradients() -> None:
    network, plain = Small(), Small()
    losses, features = network.look(0)
    make_balancer("mgda", TASKS).backward(losses, features, network.heads())
    torch.stack(list(plain.look(0)[0].values())).sum().backward()
    torch.testing.assert_close(gradient(network.heads()), gradient(plain.heads()))
    assert cosine_similarity(gradient(network.shared()), gradient(plain.shared()), dim=0) < 0.999


def test_nested_features_are_our_mistake() -> None:
    network = Small()
    table = network.items(network.texts)
    states = network.trunk(table[:4][None])[0][:, -1]
    with pytest.raises(AssertionError, match="reached through another one"):
        make_balancer("pcgrad", ["a"]).backward({"a": states.sum() + table.sum()}, [table, states], [])

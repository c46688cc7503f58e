"""What scalarizations make of losses, in closed form; the methods are torchjd's, the bookkeeping of absent tasks is ours."""

import pytest
import torch
from torchjd.scalarization import IMTLL, STCH, UW, GeometricMean, Scalarizer, Sum

from penchant.records.errors import ConfigError
from penchant.training.balancing.scalarized import Scalarized


def losses(a: float, b: float | None) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """Two losses of one parameter at 1: a x and b x."""
    x = torch.tensor(1.0, requires_grad=True)
    return {name: value * x for name, value in {"a": a, "b": b}.items() if value is not None}, x


@pytest.mark.parametrize(
    ("scalarizer", "positive", "expected"),
    [
        (Sum(), False, [1, 1]),
        (UW(2), True, [0.5, 0.5]),
        (IMTLL(2), True, [1, 1]),
        (GeometricMean(), True, [4 / (2 * 2), 4 / (2 * 8)]),  # d sqrt(ab) / da = sqrt(ab) / 2a
        (STCH(mu=1.0), False, [0.5 / (1 + torch.e**3), 0.5 / (1 + torch.e**-3)]),  # softmax of (2, 8) / 2
    ],
)
def test_weights_are_the_derivatives_and_the_gradient_follows_them(
    scalarizer: Scalarizer, positive: bool, expected: list[float]
) -> None:
    given, x = losses(2.0, 8.0)
    weights = Scalarized(["a", "b"], scalarizer, positive=positive).backward(given, [], [])
    assert weights == pytest.approx(dict(zip("ab", expected, strict=True)), rel=1e-5)
    assert x.grad is not None
    assert x.grad.item() == pytest.approx(2 * expected[0] + 8 * expected[1], rel=1e-5)


@pytest.mark.parametrize(
    ("first_b", "expected"),
    [
        (8.0, [4 / (2 * 2)]),  # as it was seen last
        (None, [2**0.5 / (2 * 2)]),  # never seen: as its constant predictor, 1
    ],
)
def test_an_absent_task_counts_with_what_was_seen_last(first_b: float | None, expected: list[float]) -> None:
    balancer = Scalarized(["a", "b"], GeometricMean(), positive=True)
    balancer.backward(losses(3.0, first_b)[0], [], [])
    weights = balancer.backward(losses(2.0, None)[0], [], [])
    assert weights == pytest.approx({"a": expected[0]})


@pytest.mark.parametrize(("scalarizer", "scale"), [(UW(2), 1 / 2), (IMTLL(2), 1)])
def test_learned_weights_settle_where_every_weighted_loss_is_the_same(scalarizer: Scalarizer, scale: float) -> None:
    """e^-s L / 2 + s / 2 is least at s = log L, and e^s L - s at s = -log L: a weight of 1 / L, halved in the first."""
    balancer = Scalarized(["a", "b"], scalarizer, positive=True)
    optimizer = torch.optim.SGD(balancer.parameters(), lr=0.3)
    for _ in range(300):
        optimizer.zero_grad()
        weights = balancer.backward(losses(0.5, 4.0)[0], [], [])
        optimizer.step()
    assert weights == pytest.approx({"a": scale / 0.5, "b": scale / 4}, rel=1e-3)


def test_a_loss_below_zero_is_refused_where_it_means_nothing() -> None:
    with pytest.raises(ConfigError, match=r"needs losses of 0 or more, but the loss of 'b' is -0\.5"):
        Scalarized(["a", "b"], GeometricMean(), positive=True).backward(losses(1.0, -0.5)[0], [], [])


def test_a_loss_of_zero_is_finite() -> None:
    given, x = losses(2.0, 0.0)
    weights = Scalarized(["a", "b"], GeometricMean(), positive=True).backward(given, [], [])
    assert all(torch.tensor(list(weights.values())).isfinite())
    assert x.grad is not None
    assert x.grad.isfinite()

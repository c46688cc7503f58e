"""Sizes of gradients don't hide tasks from a method, and all methods end at the scale of the plain sum."""

import pytest
import torch
from torch import Tensor
from torchjd.aggregation import (
    AlignedMTLWeighting,
    FairGradWeighting,
    IMTLGWeighting,
    MGDAWeighting,
    PCGradWeighting,
    UPGradWeighting,
)

from penchant.records.errors import ConfigError
from penchant.stages.balancers import GRADIENT_METHODS
from penchant.training.balancing.weigher import Weigher

CONFLICT = torch.tensor([[1.0, -2.0], [-2.0, 5.0]])
"""Of (1, 0) and (-2, 1)."""


def shares(method: torch.nn.Module) -> Weigher:
    return Weigher(method, shares=True)


def test_small_gradients_are_weighed_as_large_ones() -> None:
    """torchjd alone takes a Gramian with a trace below 1e-4 for zero and gives plain means."""
    small = 1e-8 * CONFLICT
    assert UPGradWeighting()(small).tolist() == pytest.approx([0.5, 0.5])
    found = shares(UPGradWeighting()).weights(small, [0, 1])
    torch.testing.assert_close(found, shares(UPGradWeighting()).weights(CONFLICT, [0, 1]))
    assert found.tolist() == pytest.approx([1 + 2, 1 + 2 / 5], rel=1e-2)


@pytest.mark.parametrize(
    "weigher",
    [
        shares(UPGradWeighting()),
        Weigher(PCGradWeighting()),
        shares(MGDAWeighting()),
        shares(AlignedMTLWeighting()),
        Weigher(IMTLGWeighting(), equal_sizes=True, shares=True),
        Weigher(FairGradWeighting(alpha=1.0), equal_sizes=True),
    ],
    ids=lambda weigher: type(weigher.method).__name__,
)
def test_tasks_that_do_not_disturb_each_other_are_summed_up(weigher: Weigher) -> None:
    weights = weigher.weights(0.04 * torch.eye(3), [0, 1, 2])
    assert weights.tolist() == pytest.approx([1, 1, 1], rel=1e-2)


def test_tasks_that_say_the_same_share_one_say() -> None:
    """By word, where the numbers that carry the gradients end: two of three are the same but for a millionth."""
    gradients = torch.tensor([[1.0, 0.0], [1.0, 3e-7], [0.0, 1.0]], dtype=torch.float64)
    for word in ("imtl-g", "aligned-mtl"):
        mixed = GRADIENT_METHODS[word](3).weights(gradients @ gradients.T, [0, 1, 2]) @ gradients
        assert (mixed > 0.5).all()
        assert (mixed < 5).all()


def test_equal_sizes_are_undone_afterwards() -> None:
    """FairGrad at alpha 1 asks for w_i (G w)_i = 1: gradients of lengths 1 and 1000 get weights of 1 to 1/1000."""
    lengths = torch.tensor([1.0, 1000.0])
    seen: list[Tensor] = []

    def method(gramian: Tensor) -> Tensor:
        seen.append(gramian)
        return torch.tensor([1.0, 1.0])

    weights = Weigher(method, equal_sizes=True).weights(CONFLICT * lengths * lengths[:, None], [0, 1])
    torch.testing.assert_close(seen[0], torch.tensor([[1, -2 / 5**0.5], [-2 / 5**0.5, 1]]))
    assert (weights[0] / weights[1]).item() == pytest.approx(1000 * 5**0.5)


def test_a_gradient_of_zeros_is_not_shown() -> None:
    gramian = torch.zeros(3, 3)
    gramian[torch.tensor([0, 2])[:, None], [0, 2]] = CONFLICT
    weights = Weigher(PCGradWeighting()).weights(gramian, [0, 1, 2])
    assert weights.tolist() == pytest.approx([3, 1, 1.4])
    assert Weigher(PCGradWeighting()).weights(torch.zeros(2, 2), [0, 1]).tolist() == [1, 1]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_gradient_that_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(ConfigError, match=r"not finite\. Lower learning_rate"):
        Weigher(PCGradWeighting()).weights(torch.tensor([[value]]), [0])

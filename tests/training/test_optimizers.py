"""One step of each from known gradients, by its closed form; and the decay of the id residuals apart from the rest."""

import pytest
import torch
from torch import nn

from penchant.stages.learning import OPTIMIZERS
from penchant.training.optimizers import parameter_groups


def after_steps(word: str, *gradients: float, decay: float = 0.0, rate: float = 0.1) -> float:
    """A weight that starts at 1."""
    weight = nn.Parameter(torch.ones(1, dtype=torch.float64))
    optimizer = OPTIMIZERS[word]([{"params": [weight], "weight_decay": decay}], rate)
    for gradient in gradients:
        weight.grad = torch.full((1,), gradient, dtype=torch.float64)
        optimizer.step()
    return weight.item()


@pytest.mark.parametrize("word", ["adamw", "adam", "lion"])
def test_a_first_step_does_not_care_how_long_the_gradient_is(word: str) -> None:
    assert after_steps(word, 0.01) == pytest.approx(1 - 0.1, abs=1e-6)
    assert after_steps(word, 100.0) == pytest.approx(1 - 0.1, abs=1e-6)


def test_sgd_remembers_nine_tenths() -> None:
    assert after_steps("sgd", 1.0, 2.0) == pytest.approx(1 - 0.1 * 1 - 0.1 * (0.9 * 1 + 2))


def test_lion_goes_by_the_sign_of_what_it_remembers() -> None:
    """After a gradient of 1 it keeps 0.01; 0.9 * 0.01 + 0.1 * g has the sign of g from -0.09 down alone."""
    assert after_steps("lion", 1.0, -0.08) == pytest.approx(1 - 0.1 - 0.1)
    assert after_steps("lion", 1.0, -0.10) == pytest.approx(1 - 0.1 + 0.1)


def test_decay_is_apart_from_the_gradient_except_in_adam_and_sgd() -> None:
    assert after_steps("adamw", 0.0, decay=0.5) == pytest.approx(1 - 0.1 * 0.5)
    assert after_steps("lion", 0.0, decay=0.5) == pytest.approx(1 - 0.1 * 0.5)
    assert after_steps("sgd", 0.0, decay=0.5) == pytest.approx(1 - 0.1 * 0.5)
    assert after_steps("adam", 0.0, decay=0.5) == pytest.approx(1 - 0.1, abs=1e-6)  # divided by its own size


@pytest.mark.parametrize("word", OPTIMIZERS)
def test_ids_decay_by_themselves(word: str) -> None:
    ids, other = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
    groups = parameter_groups(ids, [other, ids], id_decay=0.5, weight_decay=0.0)
    assert [len(group["params"]) for group in groups] == [1, 1]
    optimizer = OPTIMIZERS[word](groups, 0.1)
    ids.grad, other.grad = torch.zeros(1), torch.zeros(1)
    optimizer.step()
    assert ids < 0.96
    assert other == 1


def test_each_goes_its_own_way() -> None:
    ends = {after_steps(word, 1.0, -2.0, 0.5, decay=0.1) for word in OPTIMIZERS}
    assert len(ends) == len(OPTIMIZERS)

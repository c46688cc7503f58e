"""What every way of sharing promises. A test class inherits this and names how it is made."""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from penchant.models.sharing.sharing import Sharing

NUM_FEATURES, EXPERT_SIZE, NUM_TASKS = 6, 4, 3


def features(num: int = 5) -> Tensor:
    return torch.randn(num, NUM_FEATURES, generator=torch.Generator().manual_seed(7))


def used_by(model: Sharing, task: int) -> dict[str, Tensor]:
    """Which cells of each parameter, and of the features, the output of one task depends on."""
    model.zero_grad()
    rows = features().requires_grad_()
    (model(rows)[:, task] ** 3).sum().backward()
    grads = {name: value.grad for name, value in [*model.named_parameters(), ("features", rows)]}
    return {name: grad != 0 for name, grad in grads.items() if grad is not None}


class SharingContract:
    """`num_experts`: X of the loads, None where there are no gates."""

    sharing: ClassVar[Callable[[int, int, int], Sharing]]
    num_experts: ClassVar[int | None] = None

    def make(self, seed: int = 0, num_tasks: int = NUM_TASKS) -> Sharing:
        torch.manual_seed(seed)
        model = type(self).sharing(NUM_FEATURES, EXPERT_SIZE, num_tasks)
        assert isinstance(model, Sharing)
        return model

    @pytest.mark.parametrize("num", [0, 1, 5])
    @pytest.mark.parametrize("num_tasks", [1, 2, NUM_TASKS])
    def test_each_task_reads_a_row_of_its_own(self, num: int, num_tasks: int) -> None:
        read = self.make(num_tasks=num_tasks)(features(num))
        assert read.shape == (num, num_tasks, EXPERT_SIZE)
        assert read.isfinite().all()

    def test_a_row_alone_reads_the_same(self) -> None:
        model = self.make()
        torch.testing.assert_close(model(features()[2:3]), model(features())[2:3])

    def test_the_gradient_reaches_every_parameter_and_every_feature(self) -> None:
        model, rows = self.make(), features().requires_grad_()
        (model(rows) ** 3).sum().backward()
        assert rows.grad is not None
        assert (rows.grad != 0).all()
        for name, value in model.named_parameters():
            assert value.grad is not None, name
            assert value.grad.abs().max() > 0, name

    def test_every_task_reaches_the_features(self) -> None:
        for task in range(NUM_TASKS):
            assert used_by(self.make(), task)["features"].all()

    def test_repeats_under_a_seed(self) -> None:
        first, again, other = (self.make(seed)(features()) for seed in (1, 1, 2))
        assert torch.equal(first, again)
        assert not torch.allclose(first, other)

    def test_saved_and_loaded_it_is_equal_and_loads_are_not_saved(self, tmp_path: Path) -> None:
        model, other = self.make(1), self.make(2)
        expected = model(features())
        save_file(model.state_dict(), tmp_path / "model.safetensors")
        other.load_state_dict(load_file(tmp_path / "model.safetensors"))
        assert other.take_loads() is None
        assert torch.equal(other(features()), expected)

    def test_double_precision_gives_the_same(self) -> None:
        model = self.make()
        expected = model(features())
        model.take_loads()
        found = model.double()(features().double())
        assert found.dtype == torch.float64
        torch.testing.assert_close(found.float(), expected)

    def test_loads_are_the_mean_gates_of_training(self) -> None:
        model = self.make()
        assert model.take_loads() is None
        model(features(2))
        two = model.take_loads()
        if self.num_experts is None:
            assert two is None
            return
        assert two is not None
        assert two.shape == (NUM_TASKS, self.num_experts)
        assert not two.requires_grad
        torch.testing.assert_close(two.sum(1), torch.ones(NUM_TASKS))
        assert model.take_loads() is None
        for rows in (features(5)[:2], features(5)[2:]):
            model(rows)
        parts = model.take_loads()
        model(features(5))
        torch.testing.assert_close(parts, model.take_loads())

    def test_loads_count_far_in_half_precision(self) -> None:
        model = self.make()
        with torch.autocast("cpu", torch.bfloat16):
            for _ in range(50):
                assert model(features(100)).isfinite().all()
        loads = model.take_loads()
        assert loads is None or loads.sum(1).tolist() == pytest.approx([1] * NUM_TASKS, abs=0.005)

    def test_loads_are_not_gathered_while_serving(self) -> None:
        model = self.make().eval()
        model(features())
        assert model.take_loads() is None

    def test_it_learns_what_its_tasks_want(self) -> None:
        """Signs of two features, and of both together: the error of each task falls by more than half."""
        model, rows = self.make(), torch.randn(200, NUM_FEATURES, generator=torch.Generator().manual_seed(3))
        wanted = torch.stack([rows[:, 0], rows[:, 1], rows[:, 0] + rows[:, 1]], dim=1).sign()
        towers = nn.Parameter(torch.zeros(NUM_TASKS, EXPERT_SIZE))
        optimiser = torch.optim.Adam([*model.parameters(), towers], lr=0.02)
        for _ in range(150):
            errors = ((model(rows) * towers).sum(-1) - wanted).pow(2).mean(0)
            optimiser.zero_grad()
            errors.sum().backward()
            optimiser.step()
        assert (errors < 0.5).all()

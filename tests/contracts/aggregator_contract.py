"""What every aggregator promises. A test class inherits this and names the class and what it uses."""

from pathlib import Path
from typing import Any, ClassVar

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from penchant.models.aggregators.aggregator import Aggregator

OPTIONS: dict[str, Any] = {"embedding_size": 8, "num_blocks": 2, "num_heads": 2, "dropout": 0.0, "max_length": 16}


def histories(num: int = 3, length: int = 7) -> tuple[Tensor, Tensor]:
    """Events of width 8, and seconds that rise by hours to weeks."""
    draws = torch.Generator().manual_seed(7)
    waits = torch.randint(3_600, 604_800, (num, length), generator=draws)
    return torch.randn(num, length, 8, generator=draws), 1_600_000_000 + waits.cumsum(1)


class AggregatorContract:
    """`reads_order`, `reads_time`: what states depend on; `uses`: options beside those that all use."""

    aggregator_class: ClassVar[type[Aggregator]]
    reads_order: ClassVar[bool] = True
    reads_time: ClassVar[bool] = True
    uses: ClassVar[frozenset[str]] = frozenset()

    def make(self, seed: int = 0, **changes: float) -> Aggregator:
        torch.manual_seed(seed)
        return self.aggregator_class(**{**OPTIONS, **changes})

    @pytest.mark.parametrize(("num", "length"), [(3, 7), (1, 1), (2, 16), (0, 3)])
    def test_a_finite_state_after_each_event(self, num: int, length: int) -> None:
        model = self.make()
        states = model(*histories(num, length))
        assert states.shape == (num, length, model.num_interests * 8)
        assert states.dtype == torch.float32
        assert states.isfinite().all()

    @pytest.mark.parametrize("position", range(6))
    def test_what_comes_later_is_not_seen(self, position: int) -> None:
        model, (x, times) = self.make(), histories()
        other_x, other_times = x.clone(), times.clone()
        other_x[:, position + 1 :] = 100
        other_times[:, position + 1 :] += 1_000_000
        before, after = model(x, times), model(other_x, other_times)
        torch.testing.assert_close(after[:, : position + 1], before[:, : position + 1])
        assert (after[:, position + 1] - before[:, position + 1]).abs().amax(-1).min() > 1e-4

    def test_padding_does_not_leak(self) -> None:
        model, (x, times) = self.make(), histories()
        alone = model(x[1:2, :4], times[1:2, :4])
        x[1, 4:], times[1, 4:] = -1e4, 0
        torch.testing.assert_close(model(x, times)[1:2, :4], alone)

    def test_repeats_under_a_seed(self) -> None:
        first, again, other = (self.make(seed, dropout=0.5)(*histories()) for seed in (1, 1, 2))
        assert torch.equal(first, again)
        assert not torch.allclose(first, other)

    def test_dropout_is_for_training_alone(self) -> None:
        model = self.make(dropout=0.5)
        assert not torch.allclose(model(*histories()), model(*histories()))
        model.eval()
        torch.testing.assert_close(model(*histories()), self.make()(*histories()))

    def test_saved_and_loaded_it_is_equal(self, tmp_path: Path) -> None:
        model, other = self.make(1), self.make(2)
        save_file(model.state_dict(), tmp_path / "model.safetensors")
        other.load_state_dict(load_file(tmp_path / "model.safetensors"))
        assert torch.equal(other(*histories()), model(*histories()))

    def test_the_gradient_reaches_every_parameter_and_every_event(self) -> None:
        model, (x, times) = self.make(), histories()
        x.requires_grad_()
        (model(x, times)[:, -1] ** 3).sum().backward()
        assert x.grad is not None
        assert x.grad.abs().amax(-1).min() > 0
        for name, value in model.named_parameters():
            assert value.grad is not None, name
            assert value.grad.abs().max() > 0, name

    def test_the_order_of_the_past(self) -> None:
        model, (x, times) = self.make(), histories()
        mixed = x[:, [3, 1, 5, 0, 4, 2, 6]]
        change = (model(mixed, times) - model(x, times))[:, -1].abs().amax(-1)
        assert (change > 1e-4).all() if self.reads_order else (change < 1e-5).all()

    def test_how_long_ago_things_were(self) -> None:
        model, (x, times) = self.make(), histories()
        change = (model(x, times * 50) - model(x, times))[:, -1].abs().amax(-1)
        assert (change > 1e-4).all() if self.reads_time else (change == 0).all()

    def test_the_moment_of_it_all_does_not_matter(self) -> None:
        model, (x, times) = self.make(), histories()
        torch.testing.assert_close(model(x, times - 1_000_000_000), model(x, times))

    def test_nothing_overflows_in_the_longest_history(self) -> None:
        model = self.make(max_length=128)
        x, times = histories(2, 128)
        x.requires_grad_()
        states = model(1_000 * x, times * 1_000)
        assert states.isfinite().all()
        states[:, -1].pow(3).sum().backward()
        assert x.grad is not None
        assert x.grad.isfinite().all()

    def test_double_precision_gives_the_same(self) -> None:
        model, (x, times) = self.make(), histories()
        expected = model(x, times)
        found = model.double()(x.double(), times)
        assert found.dtype == torch.float64
        torch.testing.assert_close(found.float(), expected, atol=1e-4, rtol=1e-4)

    def test_half_precision_comes_near(self) -> None:
        model, (x, times) = self.make(), histories()
        expected = model(x, times)
        with torch.autocast("cpu", torch.bfloat16):
            found = model(x, times)
        assert (found.float() - expected).abs().max() < 0.15
        found.float().pow(2).sum().backward()
        assert all(value.grad is not None for value in model.parameters())

    @pytest.mark.parametrize("option", ["num_blocks", "num_heads", "max_length"])
    def test_an_option_changes_something_exactly_where_it_is_used(self, option: str) -> None:
        usual, other = self.make().eval(), self.make(**{option: 2 * OPTIONS[option]}).eval()
        shapes = [{name: value.shape for name, value in model.state_dict().items()} for model in (usual, other)]
        same = shapes[0] == shapes[1] and torch.equal(usual(*histories()), other(*histories()))
        assert same != (option in self.uses | {"num_blocks"})

    def test_it_learns(self) -> None:
        """What all have met together, and the newest event where order is read: the error falls by more than half."""
        model, (x, times) = self.make(1), histories(16, 12)
        torch.manual_seed(3)
        read = torch.nn.Linear(model.num_interests * 8, 8)
        wanted = x.cumsum(1) / torch.arange(1, 13)[:, None] ** 0.5 + self.reads_order * x
        optimiser = torch.optim.Adam([*model.parameters(), *read.parameters()], lr=0.01)
        errors = []
        for _ in range(120):
            error = (read(model(x, times)) - wanted).pow(2).mean()
            optimiser.zero_grad()
            error.backward()
            optimiser.step()
            errors.append(error.item())
        assert errors[-1] < 0.5 * errors[0]

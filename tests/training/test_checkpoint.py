from pathlib import Path

import pytest
import torch
from torch import nn

from penchant.records.errors import ArtifactError
from penchant.stages.learning import OPTIMIZERS
from penchant.training.checkpoint import load_checkpoint, optimizer_tensors, restore_optimizer, save_checkpoint

PARTS = {
    "network": {"a.weight": torch.ones(2, 3), "b": torch.zeros(())},
    "best": {},
    "balancer": {"learned.log.0": torch.tensor([1.0])},
}
POSITION = {"config": {"epochs": 3, "objective": {"rating": 0.5}}, "curves": [{"epoch": 0}]}


def test_groups_come_back_with_the_position_and_the_random_state(tmp_path: Path) -> None:
    torch.manual_seed(3)
    save_checkpoint(tmp_path / "kept", PARTS, POSITION)
    expected = torch.rand(2)
    parts, position = load_checkpoint(tmp_path / "kept", PARTS["network"], POSITION["config"])
    assert torch.equal(torch.rand(2), expected)
    torch.testing.assert_close(parts, {name: values for name, values in PARTS.items() if values})
    assert position["curves"] == POSITION["curves"]
    assert {path.suffix for path in (tmp_path / "kept").iterdir()} == {".json", ".safetensors"}


def test_another_network_or_other_settings_are_refused(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "kept", PARTS, POSITION)
    wider = {**PARTS["network"], "a.weight": torch.ones(2, 4)}
    for network, config in [(wider, POSITION["config"]), (PARTS["network"], {"epochs": 4})]:
        with pytest.raises(ArtifactError, match="is of another run"):
            load_checkpoint(tmp_path / "kept", network, config)


@pytest.mark.parametrize("word", OPTIMIZERS)
def test_an_optimiser_goes_on_as_if_nothing_had_happened(word: str) -> None:
    def made() -> tuple[nn.Parameter, torch.optim.Optimizer]:
        weight = nn.Parameter(torch.arange(3.0))
        return weight, OPTIMIZERS[word]([{"params": [weight], "weight_decay": 0.1}], 0.01)

    def step(weight: nn.Parameter, optimizer: torch.optim.Optimizer, gradient: float) -> None:
        weight.grad = torch.full((3,), gradient)
        optimizer.step()

    one, first = made()
    step(one, first, 1.0)
    other, second = made()
    other.data.copy_(one.data)
    restore_optimizer(second, {name: value.clone() for name, value in optimizer_tensors(first).items()})
    for gradient in (-0.5, 0.25):
        step(one, first, gradient)
        step(other, second, gradient)
    assert torch.equal(one, other)

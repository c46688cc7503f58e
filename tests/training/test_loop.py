"""The loop learns, repeats under a seed, and goes on after SIGKILL as if nothing had happened."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from penchant.models.network import Network
from penchant.records.errors import ArtifactError, ConfigError
from penchant.training.balancing.fixed import FixedWeights
from penchant.training.callbacks import Callback, EpochEnd
from penchant.training.schedules import Constant, Schedule
from training.ring import fingerprint, learn_ring


def test_every_task_is_learned_and_every_position_is_used_once() -> None:
    _, result = learn_ring(epochs=40)
    first, last = result.curves[0], result.curves[-1]
    assert last.losses["next_item"] < 0.6 * first.losses["next_item"]
    assert last.losses["rating"] < 0.6 * first.losses["rating"]
    assert first.num_positions == 20 * 9


def test_a_seed_repeats_and_another_differs() -> None:
    assert fingerprint(learn_ring()[0]) == fingerprint(learn_ring()[0])
    assert fingerprint(learn_ring()[0]) != fingerprint(learn_ring(seed=1)[0])


class Die(Callback):
    """Kills its own process with SIGKILL in the middle of the fifth epoch."""

    def __init__(self) -> None:
        self.epoch = 0

    def on_epoch(self, end: EpochEnd) -> bool:
        self.epoch = end.epoch + 1
        return False

    def on_step(self, step: int, num_steps: int) -> None:
        if self.epoch == 4:
            os.kill(os.getpid(), signal.SIGKILL)


def weight_scores(network: Network) -> dict[str, float]:
    """Not a measure of anything, but a function of the weights that goes up and down."""
    return {"next_item": torch.sin(40 * network.log_temperature).item(), "rating": network.start.mean().item()}


ALL_AT_ONCE: dict[str, Any] = {
    "optimizer": "lion",
    "schedule": "plateau",
    "accumulate": 2,
    "ema": 0.9,
    "objective": {"next_item": 1.0, "rating": 2.0},
    "balancer": "dwa",
    "learning_rate": 1e-3,
}


@pytest.mark.parametrize("options", [{}, ALL_AT_ONCE], ids=["default", "all at once"])
def test_a_killed_run_ends_with_the_same_bits(options: dict[str, Any], tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint"
    here = Path(__file__).parent
    script = f"import sys; sys.path[:0] = [{str(here)!r}, {str(here.parent)!r}]\nfrom test_loop import *\n"
    script += f"learn_ring(Path({str(checkpoint)!r}), (Die(),), validate=weight_scores, **{options!r})"
    killed = subprocess.run([sys.executable, "-c", script], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert checkpoint.exists()
    resumed, result = learn_ring(checkpoint, validate=weight_scores, **options)
    whole, expected = learn_ring(validate=weight_scores, **options)
    assert len(result.curves) == 8
    assert result.scores == expected.scores
    assert fingerprint(resumed) == fingerprint(whole)


@dataclass
class Stop(Callback):
    """Ends a run after so many epochs."""

    epochs: int = 3

    def on_epoch(self, end: EpochEnd) -> bool:
        return end.epoch + 1 == self.epochs


def test_a_run_that_had_stopped_does_not_go_on(tmp_path: Path) -> None:
    stopped, _ = learn_ring(tmp_path / "checkpoint", (Stop(),))
    again, result = learn_ring(tmp_path / "checkpoint", (Stop(),))
    assert len(result.curves) == 3
    assert fingerprint(again) == fingerprint(stopped)


def test_a_checkpoint_of_other_settings_is_refused(tmp_path: Path) -> None:
    learn_ring(tmp_path / "checkpoint", (Stop(),))
    with pytest.raises(ArtifactError, match="is of another run"):
        learn_ring(tmp_path / "checkpoint", learning_rate=1e-3)


def test_a_damaged_checkpoint_is_refused(tmp_path: Path) -> None:
    learn_ring(tmp_path / "checkpoint", (Stop(),))
    file = tmp_path / "checkpoint" / "tensors.safetensors"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(ArtifactError, match="does not match the hash"):
        learn_ring(tmp_path / "checkpoint")


@dataclass(frozen=True, kw_only=True)
class BlowUp(Schedule):
    """A rate that no network survives, from the fourth of eight epochs on."""

    def fall(self, done: float, scores: Sequence[float | None]) -> float:
        return 1.0 if len(scores) < 3 else 1e32


def test_a_diverging_loss_is_refused_and_the_last_checkpoint_kept(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"became (inf|nan). Lower learning_rate \(now 0.003\)"):
        learn_ring(tmp_path / "checkpoint", made_schedule=BlowUp(warm_up=0.0))
    resumed, result = learn_ring(tmp_path / "checkpoint", made_schedule=Constant(warm_up=0.0))
    assert len(result.curves) == 8
    assert fingerprint(resumed) == fingerprint(learn_ring(made_schedule=Constant(warm_up=0.0))[0])


@pytest.mark.parametrize("option", [{"optimizer": "sgd"}, {"schedule": "constant"}, {"warm_up": 0.5}, {"ema": 0.9}])
def test_an_option_changes_the_weights(option: dict[str, Any]) -> None:
    assert fingerprint(learn_ring(epochs=2, **option)[0]) != fingerprint(learn_ring(epochs=2)[0])


def plain(network: Network) -> dict[str, np.ndarray]:
    return {name: value.detach().numpy() for name, value in network.named_parameters()}


SURE: dict[str, Any] = {
    "network_options": {"dropout": 0.0, "id_dropout": 0.0, "max_length": 10},
    "optimizer": "sgd",
    "learning_rate": 0.1,
    "epochs": 3,
}


def test_two_halves_are_one_batch() -> None:
    """Every person has nine events, so that the mean of two halves' means is the mean of all."""
    whole = plain(learn_ring(num_batches=1, **SURE)[0])
    halves = plain(learn_ring(num_batches=2, accumulate=2, **SURE)[0])
    apart = plain(learn_ring(num_batches=2, **SURE)[0])
    for name, value in whole.items():
        np.testing.assert_allclose(halves[name], value, atol=2e-6, err_msg=name)
    assert any(np.abs(apart[name] - value).max() > 1e-3 for name, value in whole.items())


def test_what_an_epoch_leaves_over_is_a_step_too() -> None:
    """Four batches by threes are the steps 3 and 1, as many as two by two but not the same."""
    threes, twos = (learn_ring(num_batches=4, accumulate=number, **SURE)[0] for number in (3, 2))
    assert fingerprint(threes) != fingerprint(twos)
    alone = learn_ring(num_batches=1, accumulate=5, **SURE)[0]
    assert fingerprint(alone) == fingerprint(learn_ring(num_batches=1, **SURE)[0])


@pytest.mark.parametrize("balancer", ["uncertainty", "dwa", "famo", "upgrad"])
def test_gathered_gradients_go_with_every_kind_of_balancer(balancer: str) -> None:
    _, found = learn_ring(epochs=20, num_positions=32, accumulate=2, balancer=balancer, learning_rate=1e-2)
    for name in ("next_item", "rating"):
        assert found.curves[-1].losses[name] < 0.9 * found.curves[0].losses[name]


def test_low_precision_learns_nearly_the_same_and_keeps_whole_weights() -> None:
    (exact, told), (rough, found) = (learn_ring(epochs=20, precision=word) for word in ("float32", "bfloat16"))
    assert all(value.dtype == torch.float32 for value in rough.parameters())
    assert fingerprint(rough) != fingerprint(exact)
    for name, loss in told.curves[-1].losses.items():
        assert found.curves[-1].losses[name] == pytest.approx(loss, rel=0.1)


@pytest.mark.parametrize("balancer", ["upgrad", "famo"])
def test_low_precision_goes_with_every_kind_of_balancer(balancer: str) -> None:
    _, found = learn_ring(epochs=10, precision="bfloat16", balancer=balancer)
    assert found.curves[-1].losses["next_item"] < 0.95 * found.curves[0].losses["next_item"]


def test_looks_at_cosines_are_told_and_change_nothing() -> None:
    network, result = learn_ring(epochs=2, cosine_every=1)
    assert all(-1 <= end.cosines["next_item|rating"] <= 1 for end in result.curves)
    silent, untold = learn_ring(epochs=2, cosine_every=0)
    assert all(end.norms.keys() == {"next_item", "rating"} and min(end.norms.values()) > 0 for end in result.curves)
    assert untold.curves[0].cosines == untold.curves[0].norms == {}
    assert fingerprint(network) == fingerprint(silent)
    few = learn_ring(epochs=1)[1].curves[0]
    assert few.cosines
    assert (
        few.cosines["next_item|rating"] != result.curves[0].cosines["next_item|rating"]
    )  # not every batch is looked at


class SecondLook(FixedWeights):
    """Takes down what it is shown before and after each step."""

    second_look: ClassVar[bool] = True

    def __init__(self, tasks: Sequence[str], weights: Sequence[float]) -> None:
        super().__init__(tasks, weights)
        self.before: list[float] = []
        self.after: list[float] = []

    def backward(
        self, losses: dict[str, Tensor], features: Sequence[Tensor], heads: Sequence[nn.Parameter]
    ) -> dict[str, float]:
        self.before.append(losses["next_item"].item())
        return super().backward(losses, features, heads)

    def after_step(self, losses: dict[str, Tensor]) -> None:
        self.after.append(losses["next_item"].item())


def test_a_second_look_sees_the_same_batch_with_the_same_cells_dropped_and_draws_nothing() -> None:
    """With steps of next to nothing both looks are alike, though half of all cells are dropped."""
    looking = SecondLook(["next_item", "rating"], [1.0, 0.3])
    seen, _ = learn_ring(epochs=2, learning_rate=1e-9, balancer=looking)
    assert looking.after == pytest.approx(looking.before, abs=1e-5)
    assert len(looking.after) > 1
    plain, _ = learn_ring(epochs=2, learning_rate=1e-9)
    assert fingerprint(seen) == fingerprint(plain)


class Still(FixedWeights):
    """Has a weight to learn, with a gradient of nothing."""

    def __init__(self, tasks: Sequence[str], weights: Sequence[float]) -> None:
        super().__init__(tasks, weights)
        self.weight = nn.Parameter(torch.ones(1))

    def backward(
        self, losses: dict[str, Tensor], features: Sequence[Tensor], heads: Sequence[nn.Parameter]
    ) -> dict[str, float]:
        self.weight.grad = torch.zeros(1)
        return super().backward(losses, features, heads)

    def parameters(self) -> list[nn.Parameter]:
        return [self.weight]


def test_learned_weights_of_tasks_do_not_decay() -> None:
    balancer = Still(["next_item", "rating"], [1.0, 0.3])
    learn_ring(epochs=4, weight_decay=0.9, balancer=balancer)
    assert balancer.weight.item() == 1

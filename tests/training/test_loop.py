"""The loop learns, repeats under a seed, and goes on after SIGKILL as if nothing had happened."""

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from penchant.models.heads import Head
from penchant.models.item_tower import Content
from penchant.models.network import Catalogue, Network, NetworkConfig
from penchant.models.offsets import RatingOffsets
from penchant.models.trends import Trends
from penchant.records.errors import ArtifactError, ConfigError
from penchant.stages.build import build_network
from penchant.tasks.next_item import NextItem
from penchant.tasks.rating import Rating
from penchant.tasks.tables import ask_events
from penchant.tasks.task import Facts
from penchant.training.balancing.fixed import FixedWeights
from penchant.training.batches import Table, TrainingSet
from penchant.training.callbacks import Callback, EpochEnd
from penchant.training.loop import Trained, TrainingConfig, train
from training.ring import NUM_ITEMS, ring_events


def run(
    checkpoint: Path | None = None, callbacks: tuple[Callback, ...] = (), **options: float
) -> tuple[Network, Trained]:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    events, tasks = ring_events(), [NextItem(), Rating()]
    facts = Facts(rating_scale=(1.0, 5.0), item_tags=np.zeros((NUM_ITEMS, 0), np.float32))
    asked = ask_events(events)
    labels = {task.name: task.labels(asked, facts) for task in tasks}
    offsets = RatingOffsets.fit(events, NUM_ITEMS, (1.0, 5.0)).while_learning(events, 20)
    content = Content.of(np.random.default_rng(0).normal(size=(NUM_ITEMS, 8)).astype(np.float32))
    config = NetworkConfig(embedding_size=16, num_blocks=1, max_length=6)
    trends, domains = Trends.fit(events, NUM_ITEMS), np.zeros(NUM_ITEMS, np.int64)
    catalogue = Catalogue(content=content, counts=np.full(NUM_ITEMS, 15), trends=trends, domains=domains)
    network = build_network(config, [Head(name="rating", reads="pair", prior=(0.5,), offsets=True)], catalogue)
    balancer = FixedWeights(["next_item", "rating"], [1.0, 0.3])
    table = Table(asked=asked, labels=labels, rates=dict.fromkeys(labels, 1.0), offsets=offsets)
    data = TrainingSet(events, 20, {"events": table}, (1.0, 5.0), trends)
    settings = TrainingConfig(**{"epochs": 8, "num_positions": 64, "learning_rate": 3e-3, **options})
    units = {"next_item": np.log(NUM_ITEMS), "rating": 0.25}
    return network, train(network, tasks, units, balancer, data, settings, checkpoint=checkpoint, callbacks=callbacks)


def fingerprint(network: Network) -> str:
    digest = hashlib.sha256()
    for name, value in sorted(network.state_dict().items()):
        digest.update(name.encode() + value.numpy().tobytes())
    return digest.hexdigest()


def test_every_task_is_learned_and_every_position_is_used_once() -> None:
    _, result = run(epochs=40)
    first, last = result.curves[0], result.curves[-1]
    assert last.losses["next_item"] < 0.6 * first.losses["next_item"]
    assert last.losses["rating"] < 0.6 * first.losses["rating"]
    assert first.num_positions == 20 * 9


def test_a_seed_repeats_and_another_differs() -> None:
    assert fingerprint(run()[0]) == fingerprint(run()[0])
    assert fingerprint(run()[0]) != fingerprint(run(seed=1)[0])


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


def test_a_killed_run_ends_with_the_same_bits(tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint"
    here = Path(__file__).parent
    script = f"import sys; sys.path[:0] = [{str(here)!r}, {str(here.parent)!r}]\nfrom test_loop import *\n"
    script += f"run(Path({str(checkpoint)!r}), (Die(),))"
    killed = subprocess.run([sys.executable, "-c", script], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert checkpoint.exists()
    resumed, result = run(checkpoint)
    assert len(result.curves) == 8
    assert fingerprint(resumed) == fingerprint(run()[0])


class StopAtThree(Callback):
    """Ends a run after three epochs."""

    def on_epoch(self, end: EpochEnd) -> bool:
        return end.epoch == 2


def test_a_run_that_had_stopped_does_not_go_on(tmp_path: Path) -> None:
    stopped, _ = run(tmp_path / "checkpoint", (StopAtThree(),))
    again, result = run(tmp_path / "checkpoint", (StopAtThree(),))
    assert len(result.curves) == 3
    assert fingerprint(again) == fingerprint(stopped)


def test_a_checkpoint_of_other_settings_is_refused(tmp_path: Path) -> None:
    run(tmp_path / "checkpoint", (StopAtThree(),))
    with pytest.raises(ArtifactError, match="is of another run"):
        run(tmp_path / "checkpoint", learning_rate=1e-3)


def test_a_damaged_checkpoint_is_refused(tmp_path: Path) -> None:
    run(tmp_path / "checkpoint", (StopAtThree(),))
    file = tmp_path / "checkpoint" / "tensors.safetensors"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(ArtifactError, match="does not match the hash"):
        run(tmp_path / "checkpoint")


def test_a_diverging_loss_is_refused() -> None:
    with pytest.raises(ConfigError, match="Lower learning_rate"):
        run(learning_rate=1e30)

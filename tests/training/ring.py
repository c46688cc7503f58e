"""Twenty people walk along a ring of items; even ones are rated 5, odd ones 1. And a small network that learns it."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from penchant.models.heads import Head
from penchant.models.item_tower import Content
from penchant.models.network import Catalogue, Network, NetworkConfig
from penchant.models.offsets import Offsets
from penchant.models.trends import Trends
from penchant.records import words
from penchant.records.events import Events
from penchant.stages.balancers import make_balancer
from penchant.stages.build import build_network
from penchant.stages.learning import OPTIMIZERS, make_schedule
from penchant.tasks.evidence import ratings
from penchant.tasks.next_item import NextItem
from penchant.tasks.rating import Rating
from penchant.tasks.tables import ask_events
from penchant.tasks.task import Facts
from penchant.training.balancing.balancer import Balancer
from penchant.training.batches import Batch, Epoch, Table, TrainingSet
from penchant.training.callbacks import Callback
from penchant.training.learning import Trained
from penchant.training.loop import train
from penchant.training.schedules import Schedule
from penchant.training.settings import TrainingConfig

NUM_ITEMS = 12


def ring_events() -> Events:
    users, steps = np.repeat(np.arange(20), 9), np.tile(np.arange(9), 20)
    items = (users + steps) % NUM_ITEMS
    return Events(
        user_rows=users.astype(np.int32),
        item_rows=items.astype(np.int32),
        timestamps=steps.astype(np.int64),
        values=np.where(items % 2, 1, 5).astype(np.float32),
        kinds=np.full(len(users), words.KINDS.index("rate"), np.int16),
        text_rows=np.full(len(users), -1, np.int32),
    )


class EqualBatches(TrainingSet):
    """So many batches of equally many people, all of whose histories are equally long."""

    num_batches = 1

    def epoch(self, max_length: int, num_positions: int, seed: int, epoch: int) -> Epoch:
        found = super().epoch(max_length, num_positions, seed, epoch)
        spans = np.concatenate(found.plan)
        found.plan = np.array_split(spans[np.argsort(spans[:, 0])], self.num_batches)
        return found


def ring_data(kind: type[TrainingSet] = TrainingSet) -> TrainingSet:
    """What next item and rating learn from."""
    events = ring_events()
    facts = Facts(rating_scale=(1.0, 5.0), item_tags=np.zeros((NUM_ITEMS, 0), np.float32))
    asked = ask_events(events)
    labels = {task.name: task.labels(asked, facts) for task in (NextItem(), Rating())}
    told = Offsets.fit(events, NUM_ITEMS, ratings((1.0, 5.0))).while_learning(events, 20)
    table = Table(asked=asked, labels=labels, rates=dict.fromkeys(labels, 1.0), told={"rating": told})
    return kind(events, 20, {"events": table}, (1.0, 5.0), Trends.fit(events, NUM_ITEMS))


def ring_batch() -> Batch:
    """The largest of an epoch."""
    return max(ring_data().epoch(6, 64, seed=0, epoch=0), key=len)


def learn_ring(
    checkpoint: Path | None = None,
    callbacks: Sequence[Callback] = (),
    *,
    network_options: dict[str, Any] | None = None,
    balancer: str | Balancer = "fixed",
    num_batches: int | None = None,
    made_schedule: Schedule | None = None,
    validate: Callable[[Network], dict[str, float]] | None = None,
    **options: Any,
) -> tuple[Network, Trained]:
    """A network after eight epochs. num_batches: of an epoch, all equal."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    events, tasks = ring_events(), [NextItem(), Rating()]
    content = Content.of(np.random.default_rng(0).normal(size=(NUM_ITEMS, 8)).astype(np.float32))
    config = replace(NetworkConfig(embedding_size=16, num_blocks=1, max_length=6), **(network_options or {}))
    trends, domains = Trends.fit(events, NUM_ITEMS), np.zeros(NUM_ITEMS, np.int64)
    catalogue = Catalogue(content=content, counts=np.full(NUM_ITEMS, 15), trends=trends, domains=domains)
    network = build_network(config, [Head(name="rating", reads="pair", prior=(0.5,), offsets=True)], catalogue)
    weights = {"next_item": 1.0, "rating": 0.3} if balancer == "fixed" else {}
    data = ring_data(EqualBatches if num_batches else TrainingSet)
    if isinstance(data, EqualBatches):
        data.num_batches = num_batches or 1
    settings = TrainingConfig(**{"epochs": 8, "num_positions": 64, "learning_rate": 3e-3, **options})
    trained = train(
        network,
        tasks,
        {"next_item": float(np.log(NUM_ITEMS)), "rating": 0.25},
        make_balancer(balancer, ["next_item", "rating"], weights) if isinstance(balancer, str) else balancer,
        data,
        settings,
        optimizer=OPTIMIZERS[settings.optimizer],
        schedule=made_schedule or make_schedule(settings),
        validate=None if validate is None else lambda: validate(network),
        callbacks=callbacks,
        checkpoint=checkpoint,
    )
    return network, trained


def fingerprint(network: Network) -> str:
    digest = hashlib.sha256()
    for name, value in sorted(network.state_dict().items()):
        digest.update(name.encode() + value.numpy().tobytes())
    return digest.hexdigest()

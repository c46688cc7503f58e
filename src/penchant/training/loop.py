"""The loop: AdamW, warm-up and cosine, gradient clipping, validation, best weights kept, exact resume.

A run is a function of its settings and data: killed anywhere and resumed, it ends with the same bits (fixed threads).
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor

from penchant.models.network import Network
from penchant.records.errors import ConfigError
from penchant.tasks.task import Task
from penchant.training.batches import Batch, TrainingSet
from penchant.training.callbacks import Callback, EpochEnd
from penchant.training.checkpoint import load_checkpoint, save_checkpoint
from penchant.training.memory import keep_freed_memory

Balancer = Callable[[dict[str, Tensor]], Tensor]


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """`num_positions`: cells of a batch; `weight_decay` of everything, `id_decay` of the id residuals;
    `warm_up`: share of the steps; `max_norm`: gradient clipping."""

    epochs: int = 30
    learning_rate: float = 3e-3
    num_positions: int = 1536
    weight_decay: float = 0.01
    id_decay: float = 0.05
    warm_up: float = 0.05
    max_norm: float = 1.0
    seed: int = 0


@dataclass(kw_only=True)
class Trained:
    """`best_epoch` counts from 1; `curves` has one row per epoch."""

    best_epoch: int = 0
    best_score: float | None = None
    curves: list[EpochEnd] = field(default_factory=list)


def losses_of(network: Network, tasks: Sequence[Task], batch: Batch, text_vectors: Tensor | None) -> dict[str, Tensor]:
    """The loss of every task that has a label in the batch."""
    table = network.item_table()
    states = network.states(batch.sequences, table, text_vectors).flatten(0, 1).index_select(0, batch.places)
    has_item = batch.item_rows >= 0
    met = torch.nn.functional.embedding(batch.item_rows.clamp(min=0), table)
    outputs = {**network.pairs(states, met, batch.offsets), **network.people(states)}
    losses = {}
    for task in tasks:
        labels = batch.labels[task.name]
        labelled = ~labels.isnan().any(dim=1)
        if task.reads != "user":
            labelled &= has_item
        if labelled.all():
            chosen: Tensor | slice = slice(None)
        elif labelled.any():
            chosen = labelled
        else:
            continue
        if task.reads == "catalogue":
            given = network.catalogue(states[chosen], table, batch.moments[chosen])
        else:
            given = outputs[task.name][chosen]
        losses[task.name] = task.loss(given, labels[chosen])
    return losses


def train(
    network: Network,
    tasks: Sequence[Task],
    balance: Balancer,
    data: TrainingSet,
    config: TrainingConfig,
    *,
    validate: Callable[[], float] | None = None,
    text_vectors: Tensor | None = None,
    callbacks: Sequence[Callback] = (),
    checkpoint: Path | None = None,
) -> Trained:
    """Learns in place. With `validate` (higher is better) the best weights are put back at the end.

    `checkpoint` is a folder: written after each epoch, and taken up where there is one.
    Raises: ConfigError when the loss stops being a finite number (the last checkpoint is kept), ArtifactError for a
    checkpoint that is damaged or of another run.
    """
    keep_freed_memory()
    accelerator = Accelerator(cpu=not torch.cuda.is_available())
    optimizer = _optimizer(network, config)
    result = Trained()
    best: dict[str, Tensor] = {}
    stops = [False]
    if checkpoint is not None and checkpoint.exists():
        best, position = load_checkpoint(checkpoint, network, optimizer, asdict(config))
        result = _restored(position)
        for past in result.curves:
            stops = [callback.on_epoch(past) for callback in callbacks]
    network, optimizer = accelerator.prepare(network, optimizer)
    step = partial(_step, network, tasks, balance, config, accelerator, optimizer, text_vectors)
    for epoch in range(len(result.curves), config.epochs):
        if any(stops):
            break
        network.train()
        end = _epoch(epoch, step, data, config, network.config.max_length, callbacks)
        network.eval()
        score = validate() if validate is not None else None
        end = replace(end, score=score)
        result.curves.append(end)
        if score is not None and (result.best_score is None or score > result.best_score):
            result.best_epoch, result.best_score = epoch + 1, score
            best = {name: value.detach().clone() for name, value in network.state_dict().items()}
        if checkpoint is not None:
            save_checkpoint(checkpoint, network, optimizer, best, _position(result, config))
        stops = [callback.on_epoch(end) for callback in callbacks]  # every callback hears of it
    if best:
        network.load_state_dict(best)
    else:
        result.best_epoch = len(result.curves)
    network.eval()
    return result


def _epoch(
    epoch: int,
    step: Callable[[Batch, float], dict[str, float]],
    data: TrainingSet,
    config: TrainingConfig,
    max_length: int,
    callbacks: Sequence[Callback],
) -> EpochEnd:
    """Every position once."""
    plan = data.batches(max_length, config.num_positions, config.seed, epoch)
    doubted = data.doubted(config.seed, epoch)
    sums: dict[str, float] = {}
    began, seen = time.process_time(), 0
    for place, spans in enumerate(plan):
        batch = data.load(spans, doubted)
        done = (epoch + place / len(plan)) / config.epochs
        losses = step(batch, config.learning_rate * _schedule(done, config.warm_up))
        seen += len(batch.item_rows)
        for name, loss in losses.items():
            sums[name] = sums.get(name, 0.0) + loss / len(plan)
        for callback in callbacks:
            callback.on_step(epoch * len(plan) + place + 1, config.epochs * len(plan))
    seconds = time.process_time() - began
    return EpochEnd(
        epoch=epoch, num_epochs=config.epochs, losses=sums, score=None, num_positions=seen, cpu_seconds=seconds
    )


def _step(
    network: Network,
    tasks: Sequence[Task],
    balance: Balancer,
    config: TrainingConfig,
    accelerator: Accelerator,
    optimizer: torch.optim.Optimizer,
    text_vectors: Tensor | None,
    batch: Batch,
    learning_rate: float,
) -> dict[str, float]:
    """One step down; the loss of each task before it."""
    losses = losses_of(network, tasks, batch, text_vectors)
    if not losses:
        return {}
    loss = balance(losses)
    if not torch.isfinite(loss):
        raise ConfigError(f"The loss became {loss.item()}. Lower learning_rate (now {config.learning_rate}).")
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    optimizer.zero_grad(set_to_none=True)
    accelerator.backward(loss)
    accelerator.clip_grad_norm_(network.parameters(), config.max_norm)
    optimizer.step()
    return {name: value.item() for name, value in losses.items()}


def _optimizer(network: Network, config: TrainingConfig) -> torch.optim.Optimizer:
    ids = [network.items.residual.weight]
    rest = [value for value in network.parameters() if value is not ids[0]]
    groups = [{"params": ids, "weight_decay": config.id_decay}, {"params": rest, "weight_decay": config.weight_decay}]
    return torch.optim.AdamW(groups, lr=config.learning_rate, betas=(0.9, 0.98), fused=True)


def _schedule(done: float, warm_up: float) -> float:
    """Share of the learning rate after a share `done` of the run: linear up, then a half cosine down to 2%."""
    if done < warm_up:
        return max(done / warm_up, 0.02)
    fallen = (done - warm_up) / max(1e-9, 1 - warm_up)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * fallen))


def _position(result: Trained, config: TrainingConfig) -> dict[str, Any]:
    curves = [vars(end) for end in result.curves]
    best = {"best_epoch": result.best_epoch, "best_score": result.best_score}
    return {"config": asdict(config), "curves": curves, **best}


def _restored(position: dict[str, Any]) -> Trained:
    curves = [EpochEnd(**end) for end in position["curves"]]
    return Trained(best_epoch=position["best_epoch"], best_score=position["best_score"], curves=curves)

"""The loop: AdamW, warm-up and cosine, gradient clipping, validation, best weights kept, exact resume.

A run is a function of its settings and data: killed anywhere and resumed, it ends with the same bits (fixed threads).
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import Tensor

from penchant.models.network import Network
from penchant.records.errors import ConfigError
from penchant.tasks.task import Task
from penchant.training.batches import Batch, TrainingSet
from penchant.training.callbacks import Callback, EpochEnd
from penchant.training.checkpoint import load_checkpoint, save_checkpoint

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
    states = network.states(batch.sequences, table, text_vectors)[batch.mask]
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
        given = network.catalogue(states[chosen], table) if task.reads == "catalogue" else outputs[task.name][chosen]
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
    Raises: ConfigError when the loss stops being a finite number; the last checkpoint is kept.
    """
    accelerator = Accelerator(cpu=not torch.cuda.is_available())
    length = network.config.max_length
    per_epoch = len(data.batches(length, config.num_positions, config.seed, 0))
    num_steps = per_epoch * config.epochs
    optimizer = _optimizer(network, config)
    result, first = Trained(), 0
    best: dict[str, Tensor] = {}
    if checkpoint is not None and checkpoint.exists():
        best, position = load_checkpoint(checkpoint, network, optimizer)
        first, result = position["epoch"], _restored(position)
        for past in result.curves:
            for callback in callbacks:
                callback.on_epoch(past)
    network, optimizer = accelerator.prepare(network, optimizer)
    for epoch in range(first, config.epochs):
        network.train()
        sums: dict[str, float] = {}
        began, seen = time.process_time(), 0
        plan = data.batches(length, config.num_positions, config.seed, epoch)
        for place, spans in enumerate(plan):
            batch = data.load(spans)
            step = epoch * per_epoch + per_epoch * place // len(plan)
            for group in optimizer.param_groups:
                group["lr"] = config.learning_rate * _schedule(step, num_steps, config.warm_up)
            losses = losses_of(network, tasks, batch, text_vectors)
            loss = balance(losses)
            if not torch.isfinite(loss):
                raise ConfigError(
                    f"The loss became {loss.item()} in epoch {epoch + 1}. Lower learning_rate (now {config.learning_rate})."
                )
            optimizer.zero_grad(set_to_none=True)
            accelerator.backward(loss)
            accelerator.clip_grad_norm_(network.parameters(), config.max_norm)
            optimizer.step()
            seen += int(batch.mask.sum())
            for name, value in losses.items():
                sums[name] = sums.get(name, 0.0) + value.item() / len(plan)
            for callback in callbacks:
                callback.on_step(step + 1, num_steps)
        seconds = time.process_time() - began
        network.eval()
        score = validate() if validate is not None else None
        end = EpochEnd(
            epoch=epoch, num_epochs=config.epochs, losses=sums, score=score, num_positions=seen, cpu_seconds=seconds
        )
        result.curves.append(end)
        if score is not None and (result.best_score is None or score > result.best_score):
            result.best_epoch, result.best_score = epoch + 1, score
            best = {name: value.detach().clone() for name, value in network.state_dict().items()}
        if checkpoint is not None:
            save_checkpoint(checkpoint, network, optimizer, best, _position(epoch + 1, result))
        stops = [callback.on_epoch(end) for callback in callbacks]  # every callback hears of it
        if any(stops):
            break
    if best:
        network.load_state_dict(best)
    else:
        result.best_epoch = len(result.curves)
    network.eval()
    return result


def _optimizer(network: Network, config: TrainingConfig) -> torch.optim.Optimizer:
    ids = [network.items.residual.weight]
    rest = [value for value in network.parameters() if value is not ids[0]]
    groups = [{"params": ids, "weight_decay": config.id_decay}, {"params": rest, "weight_decay": config.weight_decay}]
    return torch.optim.AdamW(groups, lr=config.learning_rate, betas=(0.9, 0.98))


def _schedule(step: int, num_steps: int, warm_up: float) -> float:
    """Share of the learning rate at a step: linear up, then a half cosine down to 2%."""
    rise = max(1, int(warm_up * num_steps))
    if step < rise:
        return (step + 1) / rise
    fallen = (step - rise) / max(1, num_steps - rise)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * fallen))


def _position(epoch: int, result: Trained) -> dict[str, object]:
    curves = [vars(end) for end in result.curves]
    return {"epoch": epoch, "best_epoch": result.best_epoch, "best_score": result.best_score, "curves": curves}


def _restored(position: dict[str, object]) -> Trained:
    curves = [EpochEnd(**end) for end in position["curves"]]  # type: ignore[attr-defined]
    return Trained(best_epoch=position["best_epoch"], best_score=position["best_score"], curves=curves)  # type: ignore[arg-type]

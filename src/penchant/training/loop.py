"""The loop: AdamW, warm-up and cosine, gradient clipping, validation, best weights kept, exact resume.

A run is a function of its settings and data: killed anywhere and resumed, it ends with the same bits (fixed threads).
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
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
from penchant.training.balancing.balancer import Balancer
from penchant.training.batches import Batch, Rows, TrainingSet
from penchant.training.callbacks import Callback, EpochEnd
from penchant.training.checkpoint import load_checkpoint, save_checkpoint
from penchant.training.memory import keep_freed_memory


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


@dataclass(frozen=True, kw_only=True)
class Step:
    """The losses of the tasks that have a label in a batch, each divided by its unit, and what they read: `features` are
    the tensors through which alone they reach the shared parameters."""

    losses: dict[str, Tensor]
    features: list[Tensor]


def losses_of(
    network: Network, tasks: Sequence[Task], units: Mapping[str, float], batch: Batch, text_vectors: Tensor | None
) -> Step:
    """The loss of every task that has a label in the batch."""
    table = network.item_table()
    read = table.view_as(table)  # what heads read of it, apart from what the trunk reads
    features, losses = [read], dict[str, Tensor]()
    if batch.sequences is not None:
        states = network.states(batch.sequences, table, text_vectors).flatten(0, 1)
        features.append(states)
        for name, rows in batch.people.items():
            own = [task for task in tasks if task.table == name]
            asked = network.asked(states.index_select(0, rows.places), rows.waits)
            losses |= _of_people(network, own, asked, read, rows)
    for name, rows in batch.texts.items():
        assert text_vectors is not None
        vectors = text_vectors[rows.text_rows]
        features.append(network.read(vectors))
        outputs = network.texts(features[-1], vectors)
        losses |= _labelled_losses([task for task in tasks if task.table == name], outputs, rows.labels)
    order = {task.name: losses[task.name] / units[task.name] for task in tasks if task.name in losses}
    return Step(losses=order, features=features)


def _of_people(
    network: Network, tasks: Sequence[Task], states_PS: Tensor, table_ID: Tensor, rows: Rows
) -> dict[str, Tensor]:
    """Losses of the tasks of one table, whose rows are put to the states of people."""
    outputs, labels = dict[str, Tensor](), dict(rows.labels)
    read = {task.reads for task in tasks}
    has_item = rows.item_rows >= 0
    if "pair" in read:
        met = torch.nn.functional.embedding(rows.item_rows.clamp(min=0), table_ID)
        outputs |= network.pairs(states_PS, met, rows.item_rows, rows.offsets)
    if "user" in read:
        outputs |= network.people(states_PS)
    losses = {}
    for task in (task for task in tasks if task.reads == "catalogue"):
        chosen = ~labels[task.name].isnan().any(dim=1) & has_item
        if chosen.any():
            logits = network.catalogue(states_PS[chosen], table_ID, rows.moments[chosen])
            losses[task.name] = task.loss(logits, labels[task.name][chosen])
    for task in (task for task in tasks if task.reads == "pair" and not has_item.all()):
        labels[task.name] = labels[task.name].masked_fill(~has_item[:, None], torch.nan)
    rest = [task for task in tasks if task.reads != "catalogue"]
    return losses | _labelled_losses(rest, outputs, labels)


def _labelled_losses(
    tasks: Sequence[Task], outputs: Mapping[str, Tensor], labels: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    losses = {}
    for task in tasks:
        labelled = ~labels[task.name].isnan().any(dim=1)
        if labelled.all() and len(labelled):
            losses[task.name] = task.loss(outputs[task.name], labels[task.name])
        elif labelled.any():
            losses[task.name] = task.loss(outputs[task.name][labelled], labels[task.name][labelled])
    return losses


def train(
    network: Network,
    tasks: Sequence[Task],
    units: Mapping[str, float],
    balancer: Balancer,
    data: TrainingSet,
    config: TrainingConfig,
    *,
    validate: Callable[[], dict[str, float]] | None = None,
    objective: Mapping[str, float] | None = None,
    text_vectors: Tensor | None = None,
    callbacks: Sequence[Callback] = (),
    checkpoint: Path | None = None,
) -> Trained:
    """Learns in place. With `validate` (a score of each task, higher is better) the best weights are put back at the end.

    `units`: the constant predictor's loss of each task, above 0; `objective`: how much each score counts for what is best,
    default: the first task's alone. `checkpoint` is a folder: written after each epoch, and taken up where there is one.
    Raises: ConfigError when the loss stops being a finite number (the last checkpoint is kept), ArtifactError for a
    checkpoint that is damaged or of another run.
    """
    keep_freed_memory()
    accelerator = Accelerator(cpu=not torch.cuda.is_available())
    optimizer = _optimizer(network, balancer, config)
    result = Trained()
    best: dict[str, Tensor] = {}
    stops = [False]
    if checkpoint is not None and checkpoint.exists():
        best, position = load_checkpoint(checkpoint, network, optimizer, balancer, asdict(config))
        result = _restored(position)
        for past in result.curves:
            stops = [callback.on_epoch(past) for callback in callbacks]
    network, optimizer = accelerator.prepare(network, optimizer)
    objective = objective or {tasks[0].name: 1.0}
    look = partial(losses_of, network, tasks, units, text_vectors=text_vectors)
    step = partial(_step, network, balancer, config, accelerator, optimizer, look)
    for epoch in range(len(result.curves), config.epochs):
        if any(stops):
            break
        network.train()
        end = _epoch(epoch, step, data, config, network, callbacks)
        balancer.on_epoch()
        network.eval()
        scores = validate() if validate is not None else {}
        score = sum(objective[name] * scores[name] for name in objective) if scores else None
        end = replace(end, score=score, scores=scores)
        result.curves.append(end)
        if score is not None and (result.best_score is None or score > result.best_score):
            result.best_epoch, result.best_score = epoch + 1, score
            best = {name: value.detach().clone() for name, value in network.state_dict().items()}
        if checkpoint is not None:
            save_checkpoint(checkpoint, network, optimizer, balancer, best, _position(result, config))
        stops = [callback.on_epoch(end) for callback in callbacks]  # every callback hears of it
    if best:
        network.load_state_dict(best)
    else:
        result.best_epoch = len(result.curves)
    network.eval()
    return result


def _epoch(
    epoch: int,
    step: Callable[[Batch, float], tuple[dict[str, float], dict[str, float]]],
    data: TrainingSet,
    config: TrainingConfig,
    network: Network,
    callbacks: Sequence[Callback],
) -> EpochEnd:
    """Every row once."""
    batches = data.epoch(network.config.max_length, config.num_positions, config.seed, epoch)
    losses, weights = _Means(), _Means()
    began, seen = time.process_time(), 0
    for place, batch in enumerate(batches):
        done = (epoch + place / len(batches)) / config.epochs
        lost, weighed = step(batch, config.learning_rate * _schedule(done, config.warm_up))
        losses.add(lost)
        weights.add(weighed)
        seen += len(batch)
        for callback in callbacks:
            callback.on_step(epoch * len(batches) + place + 1, config.epochs * len(batches))
    return EpochEnd(
        epoch=epoch,
        num_epochs=config.epochs,
        losses=losses.found(),
        score=None,
        num_positions=seen,
        cpu_seconds=time.process_time() - began,
        weights=weights.found(),
        loads={name: load.tolist() for name, load in network.take_loads().items()},
    )


def _step(
    network: Network,
    balancer: Balancer,
    config: TrainingConfig,
    accelerator: Accelerator,
    optimizer: torch.optim.Optimizer,
    look: Callable[[Batch], Step],
    batch: Batch,
    learning_rate: float,
) -> tuple[dict[str, float], dict[str, float]]:
    """One step down; the loss of each task before it, divided by its unit, and the weight that it had."""
    found = look(batch)
    if not found.losses:
        return {}, {}
    losses = {name: value.item() for name, value in found.losses.items()}
    if not all(map(math.isfinite, losses.values())):
        worst = next(name for name, value in losses.items() if not math.isfinite(value))
        raise ConfigError(
            f"The loss of {worst} became {losses[worst]}. Lower learning_rate (now {config.learning_rate})."
        )
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    optimizer.zero_grad(set_to_none=True)
    weights = balancer.backward(found.losses, found.features, network.head_parameters())
    accelerator.clip_grad_norm_(network.parameters(), config.max_norm)
    optimizer.step()
    if balancer.second_look:
        with torch.no_grad():
            balancer.after_step(look(batch).losses)
    return losses, weights


class _Means:
    """The mean of each number over the steps that had it."""

    def __init__(self) -> None:
        self.sums: dict[str, float] = {}
        self.counts: dict[str, int] = {}

    def add(self, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self.sums[name] = self.sums.get(name, 0.0) + value
            self.counts[name] = self.counts.get(name, 0) + 1

    def found(self) -> dict[str, float]:
        return {name: total / self.counts[name] for name, total in self.sums.items()}


def _optimizer(network: Network, balancer: Balancer, config: TrainingConfig) -> torch.optim.Optimizer:
    ids = [network.items.residual.weight]
    rest = [value for value in network.parameters() if value is not ids[0]]
    rest += balancer.parameters()
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

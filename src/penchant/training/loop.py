"""The loop: steps down, a learning rate by schedule, gradient clipping, validation, best weights kept, exact resume.

A run is a function of its settings and data: killed anywhere and resumed, it ends with the same bits (fixed threads).
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from penchant.models.network import Network
from penchant.records.errors import ConfigError
from penchant.tasks.task import Task
from penchant.training.balancing.balancer import Balancer
from penchant.training.balancing.cosines import gradient_cosines
from penchant.training.batches import Batch, TrainingSet
from penchant.training.callbacks import Callback, EpochEnd, Start, objective_over
from penchant.training.devices import drawn_again, find_device, random_states
from penchant.training.learning import Learning, Trained
from penchant.training.losses import Step, losses_of
from penchant.training.means import Means
from penchant.training.memory import keep_freed_memory
from penchant.training.optimizers import MakeOptimizer, parameter_groups
from penchant.training.schedules import Schedule
from penchant.training.settings import TrainingConfig

LOOKS, LEAST_APART = 8, 12
"""At the gradients in an epoch, about; batches between two of them, at least. A look costs up to half a step."""


def train(
    network: Network,
    tasks: Sequence[Task],
    units: Mapping[str, float],
    balancer: Balancer,
    data: TrainingSet,
    config: TrainingConfig,
    *,
    optimizer: MakeOptimizer,
    schedule: Schedule,
    validate: Callable[[], dict[str, float]] | None = None,
    text_vectors: Tensor | None = None,
    callbacks: Sequence[Callback] = (),
    checkpoint: Path | None = None,
    title: str = "train",
) -> Trained:
    """Learns in place, on the device that the config says, and stays there. With `validate` (a score of each task, higher is
    better) the best weights are put back at the end.

    `units`: the constant predictor's loss of each task, above 0; `optimizer`, `schedule`: what stands behind the words of
    the config. `checkpoint` is a folder: written after each epoch, and taken up where there is one.
    Raises: ConfigError when the loss stops being a finite number (the last checkpoint is kept) or the objective names no
    task, ArtifactError for a checkpoint that is damaged or of another run.
    """
    keep_freed_memory()
    device = find_device(config.device)
    names = tuple(task.name for task in tasks)
    objective_over(dict.fromkeys(names, 0.0), config.objective)
    network.to(device)
    made = optimizer(_groups(network, balancer, config), config.learning_rate)
    text_vectors = None if text_vectors is None else text_vectors.to(device)
    learning = Learning(network, made, balancer, config)
    told = {name: value for name, value in asdict(config).items() if name != "epochs"}
    start = Start(title=title, tasks=names, num_epochs=config.epochs, options=told, save=learning.save)
    for callback in callbacks:
        callback.on_start(start)
    stops = [False]
    if checkpoint is not None and checkpoint.exists():
        learning.restore(checkpoint)
        stops = [callback.on_resume(learning.result.curves) for callback in callbacks]
    look = partial(losses_of, network, tasks, units, text_vectors=text_vectors, num_negatives=config.negatives)
    step = partial(_step, learning, device, names, look)
    well = False
    try:
        while not any(stops) and len(learning.result.curves) < config.epochs:
            end = learning.judge(_epoch(learning, step, data, schedule, callbacks), validate, names[0])
            if checkpoint is not None:
                learning.save(checkpoint)
            stops = [callback.on_epoch(end) for callback in callbacks]  # every callback hears of it
        well = True
    finally:
        for callback in callbacks:
            callback.on_end(well=well)
    learning.finish()
    return learning.result


@dataclass(frozen=True, kw_only=True)
class _Took:
    """Numbers of one batch: losses divided by their units before the step, the weights that they had; cosines and norms of
    their gradients, if looked at."""

    losses: dict[str, float] = field(default_factory=dict)
    weights: dict[str, float] = field(default_factory=dict)
    cosines: dict[str, float] = field(default_factory=dict)
    norms: dict[str, float] = field(default_factory=dict)


def _epoch(
    learning: Learning,
    step: Callable[[Batch, bool, float, bool], _Took],
    data: TrainingSet,
    schedule: Schedule,
    callbacks: Sequence[Callback],
) -> EpochEnd:
    """Every row once."""
    config, network, past = learning.config, learning.network, learning.result.scores
    network.train()
    epoch = len(past)
    batches = data.epoch(network.config.max_length, config.num_positions, config.seed, epoch)
    losses, weights, cosines, norms = Means(), Means(), Means(), Means()
    apart = max(LEAST_APART, len(batches) // LOOKS) if config.cosine_every is None else config.cosine_every
    began, seen = time.process_time(), 0
    for place, batch in enumerate(batches):
        first = place - place % config.accumulate
        rate = config.learning_rate * schedule.share((epoch + first / len(batches)) / config.epochs, past)
        took = step(
            batch,
            bool(apart) and place % apart == min(apart, len(batches)) // 2,
            rate,
            place + 1 in (first + config.accumulate, len(batches)),
        )
        losses.add(took.losses)
        weights.add(took.weights)
        cosines.add(took.cosines)
        norms.add(took.norms)
        seen += len(batch)
        for callback in callbacks:
            callback.on_step(epoch * len(batches) + place + 1, config.epochs * len(batches))
    learning.balancer.on_epoch()
    return EpochEnd(
        epoch=epoch,
        num_epochs=config.epochs,
        losses=losses.found(),
        score=None,
        num_positions=seen,
        cpu_seconds=time.process_time() - began,
        weights=weights.found(),
        loads={
            group: {name: load.tolist() for name, load in loads.items()}
            for group, loads in network.take_loads().items()
        },
        cosines=cosines.found(),
        norms=norms.found(),
    )


def _step(
    learning: Learning,
    device: torch.device,
    names: Sequence[str],
    look: Callable[[Batch], Step],
    batch: Batch,
    looks: bool,
    learning_rate: float,
    descend: bool,
) -> _Took:
    """Gradients of one batch, and one step down along all that have gathered."""
    config, balancer, network = learning.config, learning.balancer, learning.network
    low = torch.autocast(device.type, torch.bfloat16, enabled=config.precision == "bfloat16")
    drawn = random_states() if balancer.second_look else None
    batch = batch.to(device)
    with low:
        found = look(batch)
    losses = {name: value.item() for name, value in found.losses.items()}
    _check(losses, config)
    took = _Took()
    if losses:
        if not learning.gathered:
            learning.optimizer.zero_grad(set_to_none=True)
        cosines, norms = _look_at_gradients(found, names) if looks and len(losses) > 1 else ({}, {})
        weights = balancer.backward(found.losses, found.features, network.head_parameters())
        learning.gathered += 1
        took = _Took(losses=losses, weights=weights, cosines=cosines, norms=norms)
    if descend and learning.gathered:
        _descend(learning, learning_rate)
        if drawn is not None and losses:
            with (
                drawn_again(drawn),
                torch.no_grad(),
                low,
            ):  # the same cells are dropped: what differs is the step's doing
                balancer.after_step(look(batch).losses)
    return took


def _descend(learning: Learning, learning_rate: float) -> None:
    """One step along the mean of the gathered gradients."""
    groups = learning.optimizer.param_groups
    for group in groups:
        group["lr"] = learning_rate * group.get("share", 1.0)
    if learning.gathered > 1:
        gradients = [value.grad for group in groups for value in group["params"] if value.grad is not None]
        torch._foreach_div_(gradients, learning.gathered)
    learning.gathered = 0
    for part in _apart(learning.network):
        nn.utils.clip_grad_norm_(part, learning.config.max_norm)
    learning.optimizer.step()
    if learning.average:
        learning.average.update()


def _check(losses: Mapping[str, float], config: TrainingConfig) -> None:
    for name, value in losses.items():
        if not math.isfinite(value):
            raise ConfigError(f"The loss of {name} became {value}. Lower learning_rate (now {config.learning_rate}).")


def _look_at_gradients(found: Step, names: Sequence[str]) -> tuple[dict[str, float], dict[str, float]]:
    """Cosines of each pair of tasks that both have a gradient, by "task|task"; the norm of each."""
    cosines, norms = gradient_cosines(found.losses, found.features, names)
    pairs = [(one, other) for one in range(len(names)) for other in range(one + 1, len(names))]
    told = {f"{names[one]}|{names[other]}": float(cosines[one, other]) for one, other in pairs}
    return _finite(told), _finite(dict(zip(names, norms.tolist(), strict=True)))


def _finite(told: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in told.items() if math.isfinite(value)}


def _groups(network: Network, balancer: Balancer, config: TrainingConfig) -> list[dict[str, object]]:
    own, live = _apart(network)
    decays = {"id_decay": config.id_decay, "weight_decay": config.weight_decay}
    ids = cast("nn.Parameter", network.items.residual.weight)
    groups = parameter_groups(ids, own, **decays)
    if balancer.parameters():  # decay would pull learned weights to their start
        groups.append({"params": balancer.parameters(), "weight_decay": 0.0})
    if network.live is not None:
        share = network.live.rate / config.learning_rate
        groups.append({"params": live, "weight_decay": config.weight_decay, "share": share})
    return groups


def _apart(network: Network) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """The parameters of the network itself, and those of a language model that learns along."""
    live = [] if network.live is None else list(network.live.parameters())
    others = {id(value) for value in live}
    return [value for value in network.parameters() if id(value) not in others], live

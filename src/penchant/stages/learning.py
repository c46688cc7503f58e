"""Optimisers and schedules by word."""

from collections.abc import Sequence
from dataclasses import replace

from penchant.training.optimizers import MakeOptimizer, adam, adamw, lion, sgd
from penchant.training.schedules import Constant, Cosine, OneCycle, Plateau, Schedule, WarmRestarts
from penchant.training.settings import TrainingConfig

OPTIMIZERS: dict[str, MakeOptimizer] = {"adamw": adamw, "adam": adam, "sgd": sgd, "lion": lion}
SCHEDULES: dict[str, type[Schedule]] = {
    "constant": Constant,
    "cosine": Cosine,
    "one-cycle": OneCycle,
    "plateau": Plateau,
    "warm-restarts": WarmRestarts,
}


def make_schedule(config: TrainingConfig, known: Sequence[float | None] = ()) -> Schedule:
    """The schedule of a config; `known`: scores of an earlier training of the same settings, for one without validation."""
    schedule = SCHEDULES[config.schedule]().knowing(known)
    return schedule if config.warm_up is None else replace(schedule, warm_up=config.warm_up)

"""The contract of a task: (head, label, mask, weight, loss, metric, direction). The trainer never asks for its name.

Legend: N events, P positions that are learned from, O outputs of a head.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from torch import Tensor

from penchant.records.errors import ConfigError
from penchant.records.events import Events

Reads = Literal["catalogue", "pair", "user"]
"""What a head looks at: the user against every item, the user with the one item of the event, or the user alone."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What labels may need besides the events: the rating scale and the tags of the items (float32 (I, T), 0 or 1)."""

    rating_scale: tuple[float, float]
    item_tags: np.ndarray


class Task(ABC):
    """One thing to learn. `weight` is its w_i in L = sum w_i L_i, after each loss is divided by its constant value."""

    name: ClassVar[str]
    reads: ClassVar[Reads]
    default_weight: ClassVar[float]
    link: ClassVar[Literal["identity", "logistic"]] = "logistic"
    """How an output becomes a value in 0..1: a rating is one already, a logit becomes a probability."""

    def __init__(self, weight: float | None = None) -> None:
        self.weight = self.default_weight if weight is None else weight
        if not self.weight > 0:
            raise ConfigError(
                f"The weight of task {self.name!r} must be above 0, found {self.weight}. Leave the task out instead."
            )

    @abstractmethod
    def labels(self, events: Events, facts: Facts) -> np.ndarray:
        """float32 (N, O); a row with NaN has no label and is masked."""

    @abstractmethod
    def loss(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Mean loss of the labelled positions: outputs of the head (P, O), labels (P, O); for a catalogue (P, I), (P, 1)."""

    @abstractmethod
    def constant_loss(self, labels: np.ndarray, num_items: int) -> float:
        """The loss of the best predictor that knows nothing but the labels (M, O), above 0: the unit of this task."""

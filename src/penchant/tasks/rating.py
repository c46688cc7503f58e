"""How many stars, on the scale brought to 0..1: squared error, Huber, or ordinal."""

import copy
from typing import ClassVar, Self

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from penchant.records.errors import ConfigError, suggestion
from penchant.tasks.evidence import Evidence, ratings
from penchant.tasks.tables import Asked
from penchant.tasks.task import Facts, Link, Task, logit_of_shares

HUBER_DELTA = 0.25
"""From this share of the scale on an error counts linearly: one star of five."""
LEVELS = (0.25, 0.5, 0.75, 1.0)
"""Shares of the scale that an ordinal rating reaches or not; a star each of five."""


class Rating(Task):
    """Rating given that the person rates the item; says nothing of whether they would.

    loss: "squared", "huber", or "ordinal": one logit for reaching each of four shares of the scale, whose mean chance is the
    rating (as CORAL, Cao et al. 2020, without forcing the logits' order).
    Raises: ConfigError for another loss.
    """

    name = "rating"
    reads = "pair"
    default_weight = 0.3
    needs = "A label is the `value` of an event of the kind `rate` or `review`"
    metrics: ClassVar = ("rmse", "mae")

    def __init__(self, weight: float | None = None, rate: float = 1.0, loss: str = "squared") -> None:
        super().__init__(weight, rate)
        kinds = {"squared": (_squared, _mean), "huber": (_huber, _middle), "ordinal": (_ordinal, _reached)}
        if loss not in kinds:
            raise ConfigError(f"Unknown loss {loss!r} of the task rating. {suggestion(loss, kinds)}")
        self._loss, self._constant = kinds[loss]
        self._ordinal = loss == "ordinal"
        self.link: Link = "ordinal" if self._ordinal else "identity"

    def fitted(self, asked: Asked, facts: Facts) -> Self:
        fitted = copy.copy(self)
        fitted.numbers = ratings(facts.rating_scale).numbers
        return fitted

    def labels(self, asked: Asked, facts: Facts) -> np.ndarray:
        low, high = facts.rating_scale
        return ((asked.events.values - low) / (high - low)).astype(np.float32)[:, None]

    def evidence(self, facts: Facts) -> Evidence:
        return ratings(facts.rating_scale)

    def loss(self, outputs: Tensor, labels: Tensor) -> Tensor:
        return self._loss(outputs, labels)

    def constant(self, labels: np.ndarray) -> np.ndarray:
        """The mean rating, or what Huber's error is least for, or the share of the ratings that reach each level."""
        return self._constant(labels)


def _squared(outputs: Tensor, labels: Tensor) -> Tensor:
    return functional.mse_loss(outputs, labels)


def _huber(outputs: Tensor, labels: Tensor) -> Tensor:
    return functional.huber_loss(outputs, labels, delta=HUBER_DELTA)


def _ordinal(outputs: Tensor, labels: Tensor) -> Tensor:
    reached = (labels >= torch.tensor(LEVELS, device=labels.device)).to(outputs.dtype)
    return functional.binary_cross_entropy_with_logits(outputs, reached)


def _mean(labels: np.ndarray) -> np.ndarray:
    return np.asarray(labels.mean(axis=0))


def _middle(labels: np.ndarray) -> np.ndarray:
    """Steps of Huber's location, each of which pulls by errors up to `HUBER_DELTA` (Huber 1964)."""
    middle = labels.mean(axis=0)
    for _ in range(100):
        middle = middle + np.clip(labels - middle, -HUBER_DELTA, HUBER_DELTA).mean(axis=0)
    return np.asarray(middle)


def _reached(labels: np.ndarray) -> np.ndarray:
    return logit_of_shares(labels >= np.array(LEVELS), 0.01)

"""How much the next item has to do with each interest label, 0..1: one soft binary cross-entropy each, from the user alone."""

import copy
from typing import Self

import numpy as np
from torch import Tensor
from torch.nn import functional

from penchant.tasks.tables import Asked
from penchant.tasks.task import Facts, Task, logit_of_shares


class Interests(Task):
    """Where tags say what an item is called, these say how near its text is to any label, in any language of the encoder.

    words: the labels, "space|garden|jazz"; default the commonest tags, or else keyphrases. The first metric is the error of the
    share, since a soft label has no positives to rank; the cross-entropy beside it can't fall below the labels' own entropy.
    """

    name = "interests"
    reads = "user"
    default_weight = 0.1
    by_default = False
    metrics = ("rmse", "log_loss")
    needs = (
        "A label needs items with texts, and words for it: tags, phrases of the texts, or interests:words=space|garden"
    )

    def __init__(self, weight: float | None = None, rate: float = 1.0, words: str = "") -> None:
        super().__init__(weight, rate)
        self._words = tuple(filter(None, (word.strip() for word in words.split("|"))))

    def fitted(self, asked: Asked, facts: Facts) -> Self:
        fitted = copy.copy(self)
        fitted.columns = facts.interests(self._words).names
        return fitted

    def labels(self, asked: Asked, facts: Facts) -> np.ndarray:
        events = asked.events
        scores = facts.interests(self._words).scores
        return np.where(events.speak_for_items[:, None], scores[np.maximum(events.item_rows, 0)], np.float32(np.nan))

    def loss(self, outputs: Tensor, labels: Tensor) -> Tensor:
        return functional.binary_cross_entropy_with_logits(outputs, labels)

    def constant(self, labels: np.ndarray) -> np.ndarray:
        """The mean of each label."""
        return logit_of_shares(labels, 1e-4)

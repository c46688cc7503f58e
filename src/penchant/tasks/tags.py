"""Which tags the next item has: one binary cross-entropy per tag, from the user alone."""

import copy
from typing import Self

import numpy as np
from torch import Tensor
from torch.nn import functional

from penchant.tasks.tables import Asked
from penchant.tasks.task import Facts, Task, logit_of_shares


class Tags(Task):
    """Multi-label; an item without any tag gives no label."""

    name = "tags"
    reads = "user"
    default_weight = 0.1
    needs = "A label is an event with an item that has tags"
    metrics = ("log_loss", "average_precision")

    def fitted(self, asked: Asked, facts: Facts) -> Self:
        fitted = copy.copy(self)
        fitted.columns = facts.tag_names
        return fitted

    def labels(self, asked: Asked, facts: Facts) -> np.ndarray:
        events = asked.events
        labels = facts.item_tags[np.maximum(events.item_rows, 0)].astype(np.float32)
        labels[(events.item_rows < 0) | ~labels.any(axis=1)] = np.nan
        return labels

    def loss(self, outputs: Tensor, labels: Tensor) -> Tensor:
        return functional.binary_cross_entropy_with_logits(outputs, labels)

    def constant(self, labels: np.ndarray) -> np.ndarray:
        """The shares of the tags."""
        return logit_of_shares(labels, 1e-4)

"""Which item comes next: softmax cross-entropy over the catalogue."""

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from penchant.tasks.tables import Asked
from penchant.tasks.task import Facts, Task


class NextItem(Task):
    """The main task. Its label is the row of the item; an event that does not speak for an item has none."""

    name = "next_item"
    reads = "catalogue"
    default_weight = 1.0
    metrics = ("ndcg@10",)

    def labels(self, asked: Asked, facts: Facts) -> np.ndarray:
        rows = asked.events.item_rows.astype(np.float32)
        return np.where(asked.events.speak_for_items, rows, np.float32(np.nan))[:, None]

    def loss(self, outputs: Tensor, labels: Tensor) -> Tensor:
        return functional.cross_entropy(outputs, labels[:, 0].to(torch.int64))

    def constant(self, labels: np.ndarray) -> np.ndarray:
        """Nothing: the catalogue has its own prior."""
        return np.zeros(0, np.float32)

    def constant_loss(self, labels: np.ndarray, num_items: int) -> float:
        """Entropy of a uniform guess."""
        return math.log(max(num_items, 2))

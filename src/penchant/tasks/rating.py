"""How many stars: squared error on the scale brought to 0..1."""

import numpy as np
from torch import Tensor
from torch.nn import functional

from penchant.records.events import Events
from penchant.tasks.task import Facts, Task


class Rating(Task):
    """Rating given that the person rates the item; says nothing of whether they would."""

    name = "rating"
    reads = "pair"
    default_weight = 0.3
    link = "identity"

    def labels(self, events: Events, facts: Facts) -> np.ndarray:
        low, high = facts.rating_scale
        return ((events.values - low) / (high - low)).astype(np.float32)[:, None]

    def loss(self, outputs: Tensor, labels: Tensor) -> Tensor:
        return functional.mse_loss(outputs, labels)

    def constant_loss(self, labels: np.ndarray, num_items: int) -> float:
        """Variance of the ratings."""
        return max(float(labels.var()), 1e-4)

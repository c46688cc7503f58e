"""Whether a rating is a like (the top 40% of its scale): binary cross-entropy, given that the person rates."""

import numpy as np
from torch import Tensor
from torch.nn import functional

from penchant.records import words
from penchant.records.events import Events
from penchant.tasks.task import Facts, Task


class Like(Task):
    """An explicit like or dislike counts as it is; a rating counts by its place on the scale."""

    name = "like"
    reads = "pair"
    default_weight = 0.3

    def labels(self, events: Events, facts: Facts) -> np.ndarray:
        low, high = facts.rating_scale
        threshold = low + words.LIKE_SHARE * (high - low)
        labels = np.where(np.isnan(events.values), np.nan, events.values >= threshold)
        labels[events.kinds == words.KINDS.index("like")] = 1
        labels[events.kinds == words.KINDS.index("dislike")] = 0
        return labels.astype(np.float32)[:, None]

    def loss(self, outputs: Tensor, labels: Tensor) -> Tensor:
        return functional.binary_cross_entropy_with_logits(outputs, labels)

    def constant_loss(self, labels: np.ndarray, num_items: int) -> float:
        """Entropy of the share of likes."""
        share = np.clip(labels.mean(), 0.01, 0.99)
        return float(-(share * np.log(share) + (1 - share) * np.log(1 - share)))

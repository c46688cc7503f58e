"""Which tags the next item has: one binary cross-entropy per tag, from the user alone."""

import numpy as np
from torch import Tensor
from torch.nn import functional

from penchant.records.events import Events
from penchant.tasks.task import Facts, Task


class Tags(Task):
    """Multi-label; an item without any tag gives no label."""

    name = "tags"
    reads = "user"
    default_weight = 0.1

    def labels(self, events: Events, facts: Facts) -> np.ndarray:
        labels = facts.item_tags[np.maximum(events.item_rows, 0)].astype(np.float32)
        labels[(events.item_rows < 0) | ~labels.any(axis=1)] = np.nan
        return labels

    def loss(self, outputs: Tensor, labels: Tensor) -> Tensor:
        return functional.binary_cross_entropy_with_logits(outputs, labels)

    def constant_loss(self, labels: np.ndarray, num_items: int) -> float:
        """Mean entropy of the tags' shares."""
        share = np.clip(labels.mean(axis=0), 1e-4, 1 - 1e-4)
        return float(-(share * np.log(share) + (1 - share) * np.log(1 - share)).mean())

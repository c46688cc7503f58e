"""Whether a rating is a like (the top 40% of its scale): binary cross-entropy, given that the person rates."""

import numpy as np
from torch import Tensor
from torch.nn import functional

from penchant.records import words
from penchant.tasks.evidence import Evidence, ratings
from penchant.tasks.tables import Asked
from penchant.tasks.task import Facts, Task, logit_of_shares


class Like(Task):
    """An explicit like or dislike counts as it is; a rating counts by its place on the scale."""

    name = "like"
    reads = "pair"
    default_weight = 0.3
    needs = "A label is a rating, or an event of the kind `like` or `dislike`"
    metrics = ("auc", "log_loss", "calibration_error")

    def labels(self, asked: Asked, facts: Facts) -> np.ndarray:
        events, (low, high) = asked.events, facts.rating_scale
        threshold = low + words.LIKE_SHARE * (high - low)
        labels = np.where(np.isnan(events.values), np.nan, events.values >= threshold)
        labels[events.kinds == words.KINDS.index("like")] = 1
        labels[events.kinds == words.KINDS.index("dislike")] = 0
        return labels.astype(np.float32)[:, None]

    def evidence(self, facts: Facts) -> Evidence:
        """Ratings: they say more than likes, which are made of them."""
        return ratings(facts.rating_scale)

    def loss(self, outputs: Tensor, labels: Tensor) -> Tensor:
        return functional.binary_cross_entropy_with_logits(outputs, labels)

    def constant(self, labels: np.ndarray) -> np.ndarray:
        """The share of likes."""
        return logit_of_shares(labels, 0.01)

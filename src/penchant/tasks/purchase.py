"""Whether somebody who views, clicks or plays an item buys it afterwards: binary cross-entropy."""

import numpy as np
from torch import Tensor
from torch.nn import functional

from penchant.records.words import KINDS, RATING_KINDS
from penchant.tasks.tables import Asked
from penchant.tasks.task import Facts, Task, logit_of_shares


class Purchase(Task):
    """The chance of a purchase, given that the person turns to the item now.

    Purchases themselves and ratings, which mostly come after one, have no label. What is bought after the last event that
    is given counts as not bought: the newest rows are a little too pessimistic, and nothing of a later split is seen.
    """

    name = "purchase"
    reads = "pair"
    default_weight = 0.3
    metrics = ("auc", "log_loss", "calibration_error")
    needs = (
        "A label is an event of the kind `view`, `click`, `play` or the like, and of some of them a later `purchase`"
    )

    def labels(self, asked: Asked, facts: Facts) -> np.ndarray:
        rated = np.isin(asked.events.kinds, [KINDS.index(kind) for kind in RATING_KINDS])
        has_label = asked.events.speak_for_items & ~rated
        return np.where(has_label, asked.outcomes["bought"], np.float32(np.nan))[:, None]

    def loss(self, outputs: Tensor, labels: Tensor) -> Tensor:
        return functional.binary_cross_entropy_with_logits(outputs, labels)

    def constant(self, labels: np.ndarray) -> np.ndarray:
        """The share of events that a purchase follows."""
        return logit_of_shares(labels, 1e-4)

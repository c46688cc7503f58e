"""Whether what was shown is clicked: binary cross-entropy over impressions."""

import numpy as np
from torch import Tensor
from torch.nn import functional

from penchant.tasks.tables import Asked
from penchant.tasks.task import Facts, Task, logit_of_shares

IMPRESSIONS = (
    "An impression is an event of the kind `impression`: an item that was shown to somebody, whether they clicked or not; "
    "a click is an event of the kind `click` on that item within a day, or at the same time in place of the impression"
)


class Click(Task):
    """The chance of a click once the item is shown; says nothing of what would be shown."""

    name = "click"
    table = "impressions"
    reads = "pair"
    default_weight = 0.3
    metrics = ("auc", "log_loss", "calibration_error")
    needs = IMPRESSIONS

    def labels(self, asked: Asked, facts: Facts) -> np.ndarray:
        return asked.outcomes["clicked"][:, None]

    def loss(self, outputs: Tensor, labels: Tensor) -> Tensor:
        return functional.binary_cross_entropy_with_logits(outputs, labels)

    def constant(self, labels: np.ndarray) -> np.ndarray:
        """The share of clicks."""
        return logit_of_shares(labels, 1e-4)

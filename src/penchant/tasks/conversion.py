"""Whether what was shown is clicked and then bought: the chain over the entire space of impressions.

Ma et al., "Entire Space Multi-Task Model", SIGIR 2018: whoever learns conversions from clicked rows alone learns from people who
were drawn to the item, and asks about people who were not.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from penchant.tasks.click import IMPRESSIONS
from penchant.tasks.tables import Asked
from penchant.tasks.task import Facts, Task, logit_of_shares

LEAST = 1e-4


class Conversion(Task):
    """Labels: clicked, bought. Outputs: logits of a click, and of a purchase given the click; the value is the chance of both."""

    name = "conversion"
    table = "impressions"
    reads = "pair"
    default_weight = 0.3
    by_default = False
    link = "chain"
    metrics = ("auc", "log_loss", "calibration_error")
    needs = f"{IMPRESSIONS}; a purchase of it, at the time of the click or later, is an event of the kind `purchase`"

    def labels(self, asked: Asked, facts: Facts) -> np.ndarray:
        return np.stack([asked.outcomes["clicked"], asked.outcomes["bought"]], axis=1)

    def loss(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Cross-entropy of the click, and of click and purchase together: neither is learned from clicked rows alone."""
        click, buy = outputs.unbind(1)
        both = functional.logsigmoid(click) + functional.logsigmoid(buy)
        not_both = both + torch.stack([-click, -buy, -click - buy]).logsumexp(0)  # log(1 - p q), sure of itself or not
        bought = labels[:, 1]
        chain = -(bought * both + (1 - bought) * not_both).mean()
        return functional.binary_cross_entropy_with_logits(click, labels[:, 0]) + chain

    def constant(self, labels: np.ndarray) -> np.ndarray:
        """The share of clicks, and of purchases among them."""
        clicked, bought = labels.sum(axis=0)
        given = np.array([[bought / max(clicked, 1)]], np.float32)
        return np.concatenate([logit_of_shares(labels[:, :1], LEAST), logit_of_shares(given, LEAST)])

    def outcomes(self, labels: np.ndarray) -> np.ndarray:
        """Clicked, and bought where it was clicked."""
        clicked, bought = labels.T
        return np.stack([clicked, np.where(clicked == 1, bought, np.float32(np.nan))], axis=1)

    def targets(self, labels: np.ndarray) -> np.ndarray:
        """Bought."""
        return labels[:, 1]

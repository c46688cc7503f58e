"""What tasks of a quantity have in common: seconds, hours, counts, shares, learned as standard scores of their logarithm."""

import copy
from abc import abstractmethod
from typing import Self

import numpy as np
from torch import Tensor
from torch.nn import functional

from penchant.data.normalise import Numbers
from penchant.tasks.tables import Asked
from penchant.tasks.task import Facts, Task


class Quantity(Task):
    """Squared error of the standard score, which is about that of the ratio; told, and measured, in the user's own units."""

    link = "number"
    metrics = ("mae",)

    @abstractmethod
    def quantities(self, asked: Asked) -> np.ndarray:
        """float32 (A,), 0 or more; NaN = no label."""

    def fitted(self, asked: Asked, facts: Facts) -> Self:
        fitted = copy.copy(self)
        fitted.numbers = Numbers.fit(self.quantities(asked), log=True)
        return fitted

    def labels(self, asked: Asked, facts: Facts) -> np.ndarray:
        assert self.numbers is not None, "labels are asked of a fitted task"
        return self.numbers.apply(self.quantities(asked)).astype(np.float32)[:, None]

    def loss(self, outputs: Tensor, labels: Tensor) -> Tensor:
        return functional.mse_loss(outputs, labels)

    def constant(self, labels: np.ndarray) -> np.ndarray:
        """The mean score."""
        return np.asarray(labels.mean(axis=0))

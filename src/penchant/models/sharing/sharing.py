"""What every way of sharing layers promises. Knows neither tasks by name nor what stands above and below.

Legend: P rows, F features, K tasks, E width of an expert, X experts.
"""

from abc import ABC, abstractmethod

from torch import Tensor, nn


class Sharing(nn.Module, ABC):
    """(P, F) features -> (P, K, E): what each of K tasks reads of them.

    Experts are normalised and use SiLU: both are known to keep experts from dying (HoME, Wang et al. 2024).
    """

    def __init__(self, num_features: int, expert_size: int, num_tasks: int) -> None:
        super().__init__()
        self.num_features = num_features
        self.expert_size = expert_size
        self.num_tasks = num_tasks
        self._load: Tensor | None = None  # no buffer: it is neither saved nor averaged with the weights
        self._num_rows = 0

    @abstractmethod
    def forward(self, features_PF: Tensor) -> Tensor:
        """Features (P, F), P may be 0, to (P, K, E)."""

    def take_loads(self) -> Tensor | None:
        """Mean gate of each task on each expert, float32 (K, X), over the rows trained on since this was asked last.

        Rows sum to 1. None where there are no gates, and where nothing was trained on.
        """
        if self._load is None or self._num_rows == 0:
            return None
        loads, self._load = self._load / self._num_rows, None
        self._num_rows = 0
        return loads

    def _gather(self, gates_PKX: Tensor) -> None:
        """Keeps the sum of the gates for `take_loads`, while training only."""
        if self.training:
            total = gates_PKX.detach().float().sum(0)  # half precision could not count that far
            self._load = total if self._load is None else self._load.to(total.device) + total
            self._num_rows += len(gates_PKX)

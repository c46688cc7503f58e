"""Shared bottom: one expert that all tasks read (Caruana, Multitask Learning, 1997)."""

from torch import Tensor, nn
from torch.nn import functional

from penchant.models.sharing.sharing import Sharing


class SharedBottom(Sharing):
    """The same row for every task."""

    def __init__(self, num_features: int, expert_size: int, num_tasks: int) -> None:
        super().__init__(num_features, expert_size, num_tasks)
        self.expert = nn.Linear(num_features, expert_size)
        self.norm = nn.LayerNorm(expert_size)

    def forward(self, features_PF: Tensor) -> Tensor:
        shared: Tensor = self.norm(functional.silu(self.expert(features_PF)))
        return shared[:, None].expand(-1, self.num_tasks, -1)

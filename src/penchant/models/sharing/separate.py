"""No sharing: one expert for each task, and nothing that two tasks both use but the features themselves."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from penchant.models.sharing.sharing import Sharing


class Separate(Sharing):
    """Each task's own layer; scale and shift of its norm are the task's own too."""

    def __init__(self, num_features: int, expert_size: int, num_tasks: int) -> None:
        super().__init__(num_features, expert_size, num_tasks)
        self.experts = nn.Linear(num_features, num_tasks * expert_size)
        self.scales = nn.Parameter(torch.ones(num_tasks, expert_size))
        self.shifts = nn.Parameter(torch.zeros(num_tasks, expert_size))

    def forward(self, features_PF: Tensor) -> Tensor:
        experts = functional.silu(self.experts(features_PF)).view(-1, self.num_tasks, self.expert_size)
        return functional.layer_norm(experts, (self.expert_size,)) * self.scales + self.shifts

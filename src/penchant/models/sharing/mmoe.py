"""Shared experts under one gate per task (MMoE, Ma et al., KDD 2018)."""

from torch import Tensor, nn
from torch.nn import functional

from penchant.models.sharing.sharing import Sharing

NUM_EXPERTS = 4


class MMoE(Sharing):
    """Four experts, all open to every task; a task's gate mixes them, row by row."""

    def __init__(self, num_features: int, expert_size: int, num_tasks: int) -> None:
        super().__init__(num_features, expert_size, num_tasks)
        self.experts = nn.Linear(num_features, NUM_EXPERTS * expert_size)
        self.norm = nn.LayerNorm(expert_size)
        self.gates = nn.Linear(num_features, num_tasks * NUM_EXPERTS)

    def forward(self, features_PF: Tensor) -> Tensor:
        experts = functional.silu(self.experts(features_PF)).view(-1, NUM_EXPERTS, self.expert_size)
        gates: Tensor = self.gates(features_PF).view(-1, self.num_tasks, NUM_EXPERTS).softmax(-1)
        self._gather(gates)
        return gates @ self.norm(experts)

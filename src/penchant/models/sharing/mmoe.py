"""Shared and private experts under one gate per task (MMoE, Ma et al. 2018, with one private expert each as in PLE).

Experts are normalised and use SiLU: both are known to keep experts from dying (HoME, 2024).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

NUM_SHARED = 2


class SharedExperts(nn.Module):
    """(P, F) features -> (P, K, E): one mixture of experts for each of K tasks, in one matrix product."""

    def __init__(self, num_features: int, expert_size: int, num_tasks: int) -> None:
        super().__init__()
        self.num_tasks = num_tasks
        self.expert_size = expert_size
        self.experts = nn.Linear(num_features, (NUM_SHARED + num_tasks) * expert_size)
        self.norm = nn.LayerNorm(expert_size)
        self.gates = nn.Linear(num_features, num_tasks * (NUM_SHARED + 1))

    def forward(self, features_PF: Tensor) -> Tensor:
        experts = functional.silu(self.experts(features_PF)).view(len(features_PF), -1, self.expert_size)
        experts = self.norm(experts)
        gates = self.gates(features_PF).view(-1, self.num_tasks, NUM_SHARED + 1).softmax(-1)
        shared = gates[:, :, :NUM_SHARED] @ experts[:, :NUM_SHARED]
        return torch.as_tensor(shared + gates[:, :, NUM_SHARED:] * experts[:, NUM_SHARED:])

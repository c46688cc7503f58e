"""Shared and private experts in levels, under one gate per task (PLE, Tang et al., RecSys 2020).

A task's gate is open to the shared experts and to the task's own, never to another's. One level is the paper's CGC.
Legend: P rows, F features, K tasks, E width of an expert, S shared experts, X = S + K experts, the shared ones first.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from penchant.models.sharing.sharing import Sharing
from penchant.records.errors import ConfigError

NUM_SHARED = 2


class PLE(Sharing):
    """Two shared experts and one private expert per task on each level, a level's experts in one matrix product.

    Loads are those of the last level, the gates that the tasks read through. Raises: ConfigError unless levels >= 1.
    """

    def __init__(self, num_features: int, expert_size: int, num_tasks: int, levels: int = 1) -> None:
        super().__init__(num_features, expert_size, num_tasks)
        if levels < 1:
            raise ConfigError(f"levels of experts must be 1 or more, found {levels}. Try 1.")
        self.experts = nn.Linear(num_features, (NUM_SHARED + num_tasks) * expert_size)
        self.norm = nn.LayerNorm(expert_size)
        self.gates = nn.Linear(num_features, num_tasks * (NUM_SHARED + 1))
        selectors = [num_features, *[expert_size] * (levels - 2)][: levels - 1]
        self.upper = nn.ModuleList(Level(selector, expert_size, num_tasks) for selector in selectors)

    def forward(self, features_PF: Tensor) -> Tensor:
        experts = functional.silu(self.experts(features_PF)).view(-1, NUM_SHARED + self.num_tasks, self.expert_size)
        experts = self.norm(experts)
        gates = self.gates(features_PF).view(-1, self.num_tasks, NUM_SHARED + 1).softmax(-1)
        mixed, selector = _mixed(experts, gates), features_PF
        for level in self.upper:
            selector, experts, gates = level(selector, experts, mixed)
            mixed = _mixed(experts, gates)
        self._gather(gates)
        return mixed

    def take_loads(self) -> Tensor | None:
        """As everywhere, on all experts, (K, X): nothing on those of other tasks."""
        loads = super().take_loads()
        return None if loads is None else torch.cat([loads[:, :NUM_SHARED], loads[:, NUM_SHARED].diag()], dim=1)


class Level(nn.Module):
    """A level above the first: shared experts read what a gate of their own lets through, private ones their task's mixture."""

    def __init__(self, num_selectors: int, expert_size: int, num_tasks: int) -> None:
        super().__init__()
        num_experts, bound = NUM_SHARED + num_tasks, 1 / math.sqrt(expert_size)
        self.shared_gate = nn.Linear(num_selectors, num_experts)
        self.experts = nn.Parameter(torch.empty(num_experts, expert_size, expert_size).uniform_(-bound, bound))
        self.offsets = nn.Parameter(torch.zeros(num_experts, expert_size))
        self.norm = nn.LayerNorm(expert_size)
        self.gates = nn.Parameter(torch.empty(num_tasks, expert_size, NUM_SHARED + 1).uniform_(-bound, bound))

    def forward(self, selector: Tensor, experts_PXE: Tensor, mixed_PKE: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The shared stream (P, E), which selects on the next level; this level's experts (P, X, E), gates (P, K, S + 1)."""
        shared = self.shared_gate(selector).softmax(-1)[:, None] @ experts_PXE
        inputs = torch.cat([shared.expand(-1, NUM_SHARED, -1), mixed_PKE], dim=1)
        experts = functional.silu(torch.einsum("pxe,xef->pxf", inputs, self.experts) + self.offsets)
        gates = torch.einsum("pke,kes->pks", mixed_PKE, self.gates).softmax(-1)
        return shared[:, 0], self.norm(experts), gates


def _mixed(experts_PXE: Tensor, gates: Tensor) -> Tensor:
    """What each task reads, (P, K, E); gates (P, K, S + 1), the task's own expert last."""
    shared = gates[:, :, :NUM_SHARED] @ experts_PXE[:, :NUM_SHARED]
    return shared + gates[:, :, NUM_SHARED:] * experts_PXE[:, NUM_SHARED:]

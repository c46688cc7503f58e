"""What an item is to one task beyond what all tasks share of it (STEM, Su et al., AAAI 2024, made light).

Legend: P rows, D width of a state, K tasks, R width of a residual.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class TaskResiduals(nn.Module):
    """A small vector of each item for each task, dotted with the task's own projection of the state.

    The vectors start at zero: an item that nobody met, and a new network, say nothing.
    """

    def __init__(self, num_items: int, embedding_size: int, num_tasks: int, size: int = 16) -> None:
        super().__init__()
        self.items = nn.Parameter(torch.zeros(num_items, num_tasks * size))
        self.projections = nn.Linear(embedding_size, num_tasks * size)
        self.shape = (num_tasks, size)

    def forward(self, states_PD: Tensor, item_rows_P: Tensor) -> Tensor:
        """States (P, D) and int64 rows (P,) to what each task adds, (P, K); 0 for -1 and for rows past the catalogue."""
        known = (item_rows_P >= 0) & (item_rows_P < len(self.items))
        items = functional.embedding(torch.where(known, item_rows_P, 0), self.items).view(-1, *self.shape)
        looks = self.projections(states_PD).view(-1, *self.shape)
        return (items * looks).sum(-1) * known[:, None] / math.sqrt(self.shape[1])

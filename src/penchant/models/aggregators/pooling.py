"""Attention of learned queries to the past, faded by age (the additive form of Lin et al. 2017, made causal).

Legend: B sequences, L positions, D width, N queries.
"""

import torch
from torch import Tensor, nn

from penchant.models.aggregators.decay import Decay

GAIN = 2.0
"""Length of a query at the start: enough that queries prefer different events from the first step on."""


class Pooling(nn.Module):
    """How much each query counts each event of the past: (B, N, L, L), each row sums to 1.

    Queries start at right angles, so that no two learn the same from the same gradient.
    """

    def __init__(self, embedding_size: int, num_queries: int, max_length: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(embedding_size)
        self.keys = nn.Linear(embedding_size, embedding_size)
        self.queries = nn.Parameter(nn.init.orthogonal_(torch.empty(num_queries, embedding_size), gain=GAIN))
        self.decay = Decay(num_queries, max_length)

    def forward(self, x_BLD: Tensor, times_BL: Tensor) -> Tensor:
        scores_BNL = self.queries @ torch.tanh(self.keys(self.norm(x_BLD))).transpose(1, 2)
        return (scores_BNL[:, :, None] + self.decay(times_BL)).softmax(-1)

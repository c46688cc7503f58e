"""Gated transformer blocks (LiGR style: pre-norm, SwiGLU, residuals behind sigmoid gates), causal.

Attention is biased by how many steps and how much time lie between two events.
Legend: B sequences, L positions, D width, H heads.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from penchant.models.aggregators.aggregator import Aggregator, head_size
from penchant.models.aggregators.lags import log_gaps, steps_back
from penchant.models.dropout import ByteDropout


class GatedTransformer(Aggregator):
    """A stack of blocks over whole histories; position p sees positions 0..p."""

    def __init__(self, embedding_size: int, num_blocks: int, num_heads: int, dropout: float, max_length: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Block(embedding_size, num_heads, dropout, max_length) for _ in range(num_blocks))
        self.norm = nn.LayerNorm(embedding_size)

    def forward(self, x_BLD: Tensor, times_BL: Tensor) -> Tensor:
        steps_LL, gaps_BLL = steps_back(x_BLD.shape[1], x_BLD.device), log_gaps(times_BL)
        for block in self.blocks:
            x_BLD = block(x_BLD, steps_LL, gaps_BLL)
        return self.norm(x_BLD)


class Block(nn.Module):
    """Attention, then a SwiGLU layer; each is added as much as its gate lets through."""

    def __init__(self, embedding_size: int, num_heads: int, dropout: float, max_length: int) -> None:
        super().__init__()
        self.heads = (num_heads, head_size(embedding_size, num_heads))
        self.max_length = max_length
        self.attention_norm = nn.LayerNorm(embedding_size)
        self.projections = nn.Linear(embedding_size, 3 * embedding_size)
        self.attention_out = nn.Linear(embedding_size, embedding_size)
        self.attention_gate = nn.Linear(embedding_size, embedding_size)
        self.feed_norm = nn.LayerNorm(embedding_size)
        self.feed_up = nn.Linear(embedding_size, 4 * embedding_size)
        self.feed_down = nn.Linear(2 * embedding_size, embedding_size)
        self.feed_gate = nn.Linear(embedding_size, embedding_size)
        self.dropout = ByteDropout(dropout)
        self.step_bias = nn.Parameter(torch.zeros(num_heads, max_length))
        self.time_slope = nn.Parameter(torch.zeros(num_heads))

    def forward(self, x_BLD: Tensor, steps_LL: Tensor, gaps_BLL: Tensor) -> Tensor:
        h = self.attention_norm(x_BLD)
        attended = self.dropout(self.attention_out(self._attend(h, steps_LL, gaps_BLL)))
        x_BLD = x_BLD + attended * torch.sigmoid(self.attention_gate(h))
        h = self.feed_norm(x_BLD)
        value, gate = self.feed_up(h).chunk(2, dim=-1)
        fed = self.dropout(self.feed_down(functional.silu(value) * gate))
        return x_BLD + fed * torch.sigmoid(self.feed_gate(h))

    def _attend(self, h_BLD: Tensor, steps_LL: Tensor, gaps_BLL: Tensor) -> Tensor:
        q, k, v = self.projections(h_BLD).unflatten(-1, (3, *self.heads)).permute(2, 0, 3, 1, 4)
        logits = q @ k.transpose(-1, -2) / math.sqrt(self.heads[1])
        by_step = self.step_bias[:, steps_LL.clamp(0, self.max_length - 1)].masked_fill(steps_LL < 0, -torch.inf)
        by_time = 0.1 * functional.softplus(self.time_slope).view(1, -1, 1, 1) * gaps_BLL[:, None]
        return ((logits + by_step - by_time).softmax(-1) @ v).transpose(1, 2).flatten(2)

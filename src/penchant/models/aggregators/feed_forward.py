"""Layers that look at one position alone: pre-norm SwiGLU (Shazeer 2020) with residuals. Mixes no positions."""

from torch import Tensor, nn
from torch.nn import functional

from penchant.models.dropout import ByteDropout


class FeedForward(nn.Module):
    """(..., D) -> (..., D)"""

    def __init__(self, embedding_size: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(embedding_size)
        self.up = nn.Linear(embedding_size, 4 * embedding_size)
        self.down = nn.Linear(2 * embedding_size, embedding_size)
        self.dropout = ByteDropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        value, gate = self.up(self.norm(x)).chunk(2, dim=-1)
        fed: Tensor = self.dropout(self.down(functional.silu(value) * gate))
        return x + fed


def feed_forwards(embedding_size: int, num_blocks: int, dropout: float) -> nn.Sequential:
    """So many, one upon the other, and a norm at the end."""
    blocks = [FeedForward(embedding_size, dropout) for _ in range(num_blocks)]
    return nn.Sequential(*blocks, nn.LayerNorm(embedding_size))

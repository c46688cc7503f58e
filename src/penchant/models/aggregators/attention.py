"""Attention pooling: each head scores events by what they are and how old they are, then feed-forward layers.

Unlike in the transformer the query is learned and the same at every position, and there is one pooling, not one per block.
Legend: B sequences, L positions, D width, H heads.
"""

from torch import Tensor, nn

from penchant.models.aggregators.aggregator import Aggregator, head_size
from penchant.models.aggregators.feed_forward import feed_forwards
from penchant.models.aggregators.pooling import Pooling


class Attention(Aggregator):
    """num_blocks: feed-forward layers."""

    def __init__(self, embedding_size: int, num_blocks: int, num_heads: int, dropout: float, max_length: int) -> None:
        super().__init__()
        self.heads = (num_heads, head_size(embedding_size, num_heads))
        self.pooling = Pooling(embedding_size, num_heads, max_length)
        self.values = nn.Linear(embedding_size, embedding_size)
        self.feed = feed_forwards(embedding_size, num_blocks, dropout)

    def forward(self, x_BLD: Tensor, times_BL: Tensor) -> Tensor:
        values_BHLD = self.values(x_BLD).unflatten(-1, self.heads).transpose(1, 2)
        pooled = self.pooling(x_BLD, times_BL).to(values_BHLD.dtype) @ values_BHLD
        states: Tensor = self.feed(pooled.transpose(1, 2).flatten(2))
        return states

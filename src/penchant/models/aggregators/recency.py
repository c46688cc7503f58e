"""A mean in which older events count less, then feed-forward layers. What an event is does not change its weight.

Legend: B sequences, L positions, D width, H heads.
"""

from torch import Tensor, nn

from penchant.models.aggregators.aggregator import Aggregator, head_size
from penchant.models.aggregators.decay import Decay
from penchant.models.aggregators.feed_forward import feed_forwards


class Recency(Aggregator):
    """Each head learns how fast it forgets, by steps and by time. num_blocks: feed-forward layers."""

    def __init__(self, embedding_size: int, num_blocks: int, num_heads: int, dropout: float, max_length: int) -> None:
        super().__init__()
        self.heads = (num_heads, head_size(embedding_size, num_heads))
        self.values = nn.Linear(embedding_size, embedding_size)
        self.decay = Decay(num_heads, max_length)
        self.feed = feed_forwards(embedding_size, num_blocks, dropout)

    def forward(self, x_BLD: Tensor, times_BL: Tensor) -> Tensor:
        values_BHLD = self.values(x_BLD).unflatten(-1, self.heads).transpose(1, 2)
        pooled = self.decay(times_BL).softmax(-1).to(values_BHLD.dtype) @ values_BHLD
        states: Tensor = self.feed(pooled.transpose(1, 2).flatten(2))
        return states

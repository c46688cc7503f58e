"""Several interests of a person, one pooling each (ComiRec-SA, Cen et al., KDD 2020), made causal.

Legend: B sequences, L positions, D width, N interests.
"""

from torch import Tensor, nn

from penchant.models.aggregators.aggregator import Aggregator
from penchant.models.aggregators.feed_forward import feed_forwards
from penchant.models.aggregators.pooling import Pooling

NUM_INTERESTS = 4


class MultiInterest(Aggregator):
    """States (B, L, N * D); block n is interest n, of the length that a norm gives it.

    Where the paper adds vectors of positions, each interest forgets at its own rate. num_blocks: feed-forward layers on
    each event, before the poolings: above them they would cost N times as much. num_heads is not used.
    """

    num_interests = NUM_INTERESTS

    def __init__(self, embedding_size: int, num_blocks: int, num_heads: int, dropout: float, max_length: int) -> None:
        super().__init__()
        self.feed = feed_forwards(embedding_size, num_blocks, dropout)
        self.pooling = Pooling(embedding_size, NUM_INTERESTS, max_length)
        self.norm = nn.LayerNorm(embedding_size)

    def forward(self, x_BLD: Tensor, times_BL: Tensor) -> Tensor:
        values_B1LD = self.feed(x_BLD)[:, None]
        interests_BNLD = self.pooling(x_BLD, times_BL).to(values_B1LD.dtype) @ values_B1LD
        states: Tensor = self.norm(interests_BNLD.transpose(1, 2)).flatten(2)
        return states

"""The mean of all events so far, then feed-forward layers. Knows neither order nor time: the simplest row of a comparison."""

import torch
from torch import Tensor

from penchant.models.aggregators.aggregator import Aggregator
from penchant.models.aggregators.feed_forward import feed_forwards


class Mean(Aggregator):
    """num_blocks: feed-forward layers. num_heads and max_length are not used."""

    def __init__(self, embedding_size: int, num_blocks: int, num_heads: int, dropout: float, max_length: int) -> None:
        super().__init__()
        self.feed = feed_forwards(embedding_size, num_blocks, dropout)

    def forward(self, x_BLD: Tensor, times_BL: Tensor) -> Tensor:
        counts_L = torch.arange(1, x_BLD.shape[1] + 1, device=x_BLD.device)
        return torch.as_tensor(self.feed(x_BLD.cumsum(1) / counts_L[:, None]))

"""What GRU and LSTM have in common: layers of cells over the events, each told how long ago the one before was.

Legend: B sequences, L positions, D width.
"""

from typing import ClassVar

import torch
from torch import Tensor, nn

from penchant.models.aggregators.aggregator import Aggregator
from penchant.models.aggregators.lags import log_waits
from penchant.models.dropout import ByteDropout

WAIT_SCALE = 0.1
"""A year in seconds is then 1.7, of the order of what stands beside it."""


class Recurrent(Aggregator):
    """Events are normalised and led by the scaled wait; dropout and a norm at the end.

    num_blocks: layers, dropout between them too. num_heads and max_length are not used.
    """

    cells: ClassVar[type[nn.GRU] | type[nn.LSTM]]

    def __init__(self, embedding_size: int, num_blocks: int, num_heads: int, dropout: float, max_length: int) -> None:
        super().__init__()
        between = dropout if num_blocks > 1 else 0.0
        self.events = nn.LayerNorm(embedding_size)
        self.layers = self.cells(
            embedding_size + 1, embedding_size, num_layers=num_blocks, batch_first=True, dropout=between
        )
        self.dropout = ByteDropout(dropout)
        self.norm = nn.LayerNorm(embedding_size)

    def forward(self, x_BLD: Tensor, times_BL: Tensor) -> Tensor:
        events = self.events(x_BLD)
        waits = WAIT_SCALE * log_waits(times_BL).to(events.dtype)
        states: Tensor = self.norm(self.dropout(self.layers(torch.cat([waits[..., None], events], dim=-1))[0]))
        return states

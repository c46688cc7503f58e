"""Long short-term memory over the events (Hochreiter and Schmidhuber 1997)."""

from torch import nn

from penchant.models.aggregators.recurrent import Recurrent


class LSTM(Recurrent):
    """num_blocks: layers. num_heads and max_length are not used."""

    cells = nn.LSTM

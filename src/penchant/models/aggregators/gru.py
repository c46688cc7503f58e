"""Gated recurrent units over the events (Cho et al. 2014; as a recommender GRU4Rec, Hidasi et al., ICLR 2016)."""

from torch import nn

from penchant.models.aggregators.recurrent import Recurrent


class GRU(Recurrent):
    """num_blocks: layers. num_heads and max_length are not used."""

    cells = nn.GRU

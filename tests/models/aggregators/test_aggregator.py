import pytest
import torch

from penchant.models.aggregators.aggregator import Aggregator, head_size
from penchant.models.aggregators.attention import Attention
from penchant.models.aggregators.gru import GRU
from penchant.models.aggregators.lstm import LSTM
from penchant.models.aggregators.mean import Mean
from penchant.models.aggregators.multi_interest import MultiInterest
from penchant.models.aggregators.recency import Recency
from penchant.models.aggregators.transformer import GatedTransformer
from penchant.records.errors import ConfigError


@pytest.mark.parametrize("kind", [Attention, Recency, GatedTransformer])
@pytest.mark.parametrize("num_heads", [3, 0, -1])
def test_heads_that_do_not_divide_the_width_die_at_construction(kind: type[Aggregator], num_heads: int) -> None:
    with pytest.raises(ConfigError, match=rf"must divide embedding_size \(8\), found {num_heads}\. Try 2"):
        kind(embedding_size=8, num_blocks=1, num_heads=num_heads, dropout=0.0, max_length=4)


def test_a_head_may_be_one_wide() -> None:
    assert head_size(8, 8) == 1


def test_without_a_forward_it_is_no_aggregator() -> None:
    half = type("Half", (Aggregator,), {})
    with pytest.raises(TypeError, match=r"abstract method '?forward"):
        half()


def test_all_differ() -> None:
    x, times = torch.randn(2, 5, 8), torch.arange(10).view(2, 5)
    states = []
    for kind in (Attention, GRU, GatedTransformer, LSTM, Mean, MultiInterest, Recency):
        torch.manual_seed(0)
        states.append(kind(8, 1, 2, 0.0, 5)(x, times)[..., :8])
    for place, one in enumerate(states):
        assert all((one - other).abs().max() > 0.01 for other in states[place + 1 :])

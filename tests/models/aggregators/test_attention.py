from contracts.aggregator_contract import AggregatorContract
from penchant.models.aggregators.attention import Attention


class TestAttention(AggregatorContract):
    aggregator_class = Attention
    uses = frozenset({"num_heads", "max_length"})

from contracts.aggregator_contract import AggregatorContract
from penchant.models.aggregators.recency import Recency


class TestRecency(AggregatorContract):
    aggregator_class = Recency
    uses = frozenset({"num_heads", "max_length"})

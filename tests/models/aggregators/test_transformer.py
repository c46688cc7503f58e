from contracts.aggregator_contract import AggregatorContract
from penchant.models.aggregators.transformer import GatedTransformer


class TestGatedTransformer(AggregatorContract):
    aggregator_class = GatedTransformer
    uses = frozenset({"num_heads", "max_length"})

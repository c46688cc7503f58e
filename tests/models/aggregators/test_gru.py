from contracts.aggregator_contract import AggregatorContract
from penchant.models.aggregators.gru import GRU


class TestGRU(AggregatorContract):
    aggregator_class = GRU

from contracts.aggregator_contract import AggregatorContract
from penchant.models.aggregators.lstm import LSTM


class TestLSTM(AggregatorContract):
    aggregator_class = LSTM

import torch

from contracts.aggregator_contract import AggregatorContract, histories
from penchant.models.aggregators.mean import Mean


class TestMean(AggregatorContract):
    aggregator_class = Mean
    reads_order = False
    reads_time = False

    def test_it_is_the_mean_of_all_events_so_far(self) -> None:
        model, (x, times) = self.make(), histories()
        torch.testing.assert_close(model(x, times)[:, 3], model.feed(x[:, :4].mean(1)))

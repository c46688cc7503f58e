import torch

from contracts.aggregator_contract import AggregatorContract, histories
from penchant.models.aggregators.recency import Recency


class TestRecency(AggregatorContract):
    aggregator_class = Recency
    uses = frozenset({"num_heads", "max_length"})


def test_what_an_event_is_does_not_change_what_the_others_count() -> None:
    model = Recency(8, 0, 2, 0.0, 16)
    x, times = histories()
    pooled = [model.decay(times).softmax(-1)[:, :, 6, place] for place in range(7)]
    expected = sum(
        (model.values(x[:, place]).unflatten(-1, (2, 4)) * weight[..., None]).flatten(1)
        for place, weight in enumerate(pooled)
    )
    torch.testing.assert_close(model(x, times)[:, 6], torch.nn.functional.layer_norm(expected, (8,)))

import torch
from torch import nn

from contracts.aggregator_contract import AggregatorContract
from penchant.models.aggregators.aggregator import Aggregator
from penchant.models.aggregators.attention import Attention
from penchant.models.aggregators.recency import Recency


class TestAttention(AggregatorContract):
    aggregator_class = Attention
    uses = frozenset({"num_heads", "max_length"})


def error_of_recall(kind: type[Aggregator]) -> float:
    """One event of each history is marked; what stood in it is asked at the end. 1 is as good as knowing nothing."""
    torch.manual_seed(0)
    x, times = torch.randn(256, 12, 8), torch.arange(12).expand(256, 12)
    places = torch.randint(0, 11, (256,))
    x[:, :, 7] = 0
    x[torch.arange(256), places, 7] = 4
    wanted = x[torch.arange(256), places, :4]
    model, read = kind(8, 2, 2, 0.0, 12), nn.Linear(8, 4)
    optimiser = torch.optim.Adam([*model.parameters(), *read.parameters()], lr=0.01)
    for _ in range(300):
        error = (read(model(x, times)[:, -1]) - wanted).pow(2).mean()
        optimiser.zero_grad()
        error.backward()
        optimiser.step()
    return error.item()


def test_it_finds_what_matters_however_old_it_is_and_a_mean_by_age_does_not() -> None:
    assert error_of_recall(Attention) < 0.5 * error_of_recall(Recency)

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from contracts.aggregator_contract import AggregatorContract, histories
from penchant.models.aggregators.multi_interest import MultiInterest


def similarity(interests: Tensor) -> Tensor:
    """(..., 4, D) -> (..., 6): cosine of each two interests."""
    unit = functional.normalize(interests, dim=-1)
    above = torch.ones(4, 4).triu(1).bool()
    return (unit @ unit.transpose(-1, -2))[..., above].detach()


def make_equal(model: MultiInterest) -> None:
    """All interests ask for the same and forget alike."""
    with torch.no_grad():
        model.pooling.queries[:] = model.pooling.queries[:1].clone()
        model.pooling.decay.step_rates[:] = model.pooling.decay.step_rates[:1].clone()


def learn_two_tastes(model: MultiInterest, x: Tensor) -> tuple[float, float]:
    """Somebody turns between two tastes, in no order; the nearest interest has to be near the next event.

    Gives the mean similarity of interests before and after.
    """
    torch.manual_seed(1)
    tastes = torch.randint(0, 2, x.shape[:2])
    x = 0.3 * x + 2 * torch.eye(8)[tastes * 3]
    times = torch.arange(x.shape[1]).expand(len(x), -1)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    found = []
    for _ in range(60):
        interests = model(x, times).unflatten(-1, (4, 8))[:, 3:-1]
        found.append(similarity(interests).mean().item())
        near = functional.cosine_similarity(interests, x[:, 4:, None], dim=-1)
        loss = -(near / 0.1).logsumexp(-1).mean() * 0.1
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return found[0], found[-1]


class TestMultiInterest(AggregatorContract):
    aggregator_class = MultiInterest
    uses = frozenset({"max_length"})

    def test_interests_start_apart(self) -> None:
        interests = self.make()(*histories(20, 16)).view(20, 16, 4, 8)[:, 8:]
        assert similarity(interests).mean() < 0.9

    def test_control_equal_queries_stay_equal_while_learning(self) -> None:
        apart, equal = self.make(), self.make()
        make_equal(equal)
        x, _ = histories(20, 16)
        before, after = learn_two_tastes(apart, x)
        assert after < before - 0.1
        assert learn_two_tastes(equal, x) == pytest.approx((1, 1), abs=1e-4)

    def test_block_n_is_interest_n(self) -> None:
        model = self.make()
        before = model(*histories())
        with torch.no_grad():
            model.pooling.queries[2] *= -1
        changed = (model(*histories()) - before).view(3, 7, 4, 8)[:, -1].abs().amax(-1) > 1e-4
        assert changed.tolist() == [[False, False, True, False]] * 3

"""The written-out gradients against those of torch, for moments in any order."""

import pytest
import torch
from torch import Tensor

from penchant.models.catalogue import Among, CatalogueLogits


def plainly(queries: Tensor, items: Tensor, bias: Tensor, follows: Tensor, trends: Tensor, moments: Tensor) -> Tensor:
    return queries @ items.T + bias + torch.einsum("ph,phi->pi", follows, trends[moments])


def parts(num_requests: int) -> list[Tensor]:
    """Float64, so that differences are those of the mathematics."""
    torch.manual_seed(0)
    sizes = ((num_requests, 3), (7, 3), (7,), (num_requests, 2))
    return [torch.randn(size, dtype=torch.float64, requires_grad=True) for size in sizes]


@pytest.mark.parametrize("moments", [[0, 0, 1, 3, 3], [2, 0, 2, 0, 1], []])
def test_logits_and_gradients_are_those_of_the_plain_sum(moments: list[int]) -> None:
    given = parts(len(moments))
    trends, rows = torch.randn(4, 2, 7, dtype=torch.float64), torch.tensor(moments, dtype=torch.int64)
    ours, theirs = CatalogueLogits.apply(*given, trends, rows), plainly(*given, trends, rows)
    torch.testing.assert_close(ours, theirs)
    if moments:
        weights = torch.randn_like(theirs)
        torch.testing.assert_close(
            torch.autograd.grad((ours * weights).sum(), given), torch.autograd.grad((theirs * weights).sum(), given)
        )


def test_gradients_agree_with_finite_differences() -> None:
    given = parts(4)
    trends, rows = torch.randn(4, 2, 7, dtype=torch.float64), torch.tensor([1, 1, 0, 3])
    assert torch.autograd.gradcheck(lambda *x: CatalogueLogits.apply(*x, trends, rows), given)


def test_a_sample_stands_for_the_whole_sum_on_average() -> None:
    torch.manual_seed(0)
    logits, sought = 0.5 * torch.randn(500), torch.tensor([7, 3, 7, 499])
    sums = []
    for _ in range(2000):
        among = Among.draw(sought, len(logits), 50)
        sums.append((logits[among.rows] + among.log_weights).exp().sum())
    found = torch.stack(sums)
    error = 4 * found.std() / len(sums) ** 0.5
    assert abs(found.mean() - logits.exp().sum()) < error < 0.05 * logits.exp().sum()


def test_each_sought_item_is_there_once_and_counts_once() -> None:
    sought = torch.tensor([7, 3, 7, 499])
    among = Among.draw(sought, 500, 50)
    assert among.rows.unique().tolist() == among.rows.tolist()
    assert len(among.rows) == 53
    assert among.rows[among.places(sought)].tolist() == sought.tolist()
    assert not among.log_weights[among.places(sought)].any()


@pytest.mark.parametrize("num_others", [497, 1000])
def test_a_sample_of_all_is_the_catalogue(num_others: int) -> None:
    among = Among.draw(torch.tensor([7, 3, 499]), 500, num_others)
    assert among.rows.tolist() == list(range(500))
    assert not among.log_weights.any()


def test_nothing_is_left_to_draw() -> None:
    assert Among.draw(torch.arange(5), 5, 2).rows.tolist() == [0, 1, 2, 3, 4]

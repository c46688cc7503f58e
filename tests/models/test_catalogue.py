"""The written-out gradients against those of torch, for moments in any order."""

import pytest
import torch
from torch import Tensor

from penchant.models.catalogue import CatalogueLogits


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

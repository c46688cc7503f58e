"""Logits of the whole catalogue in one pass over memory: taste, a bias, and the fashion of the moment.

At the size of a catalogue every pass over the (P, I) logits costs as much as the matrix product itself, so that the parts are
added in place and the gradients are written out. Legend: P requests, I items, D width, M moments, H half-lives.
"""

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Among:
    """Items that stand for a whole catalogue in a softmax: those that are sought, and a uniform sample of all others.

    The sought ones count once, the others for as many as each was drawn from, so that the sum over the catalogue is right
    on average: the logQ correction of Bengio and Senecal (2008), without a correction for what is in the batch anyway.
    """

    rows: Tensor  # int64 (N,), each item once, in ascending order
    log_weights: Tensor  # float32 (N,), added to the logits

    @classmethod
    def draw(cls, sought: Tensor, num_items: int, num_others: int) -> "Among":
        """sought: int64 (P,), rows that are there in any case; num_others: how many of the others are drawn, at least 1.

        >>> among = Among.draw(torch.tensor([7, 3, 7]), num_items=10, num_others=4)
        >>> len(among.rows), among.log_weights[among.rows == 7].tolist()
        (6, [0.0])
        """
        stands = torch.full((num_items,), -torch.inf, device=sought.device)
        stands[sought] = 0.0
        others = stands.isinf().nonzero()[:, 0]
        drawn = others[torch.randperm(len(others), device=sought.device)[:num_others]]
        stands[drawn] = math.log(len(others) / max(1, len(drawn))) if len(others) else 0.0
        rows = stands.isfinite().nonzero()[:, 0]
        return cls(rows=rows, log_weights=stands[rows])

    def places(self, item_rows: Tensor) -> Tensor:
        """Where sought items stand among the rows."""
        return torch.searchsorted(self.rows, item_rows)


class CatalogueLogits(torch.autograd.Function):
    """queries (P, D) @ items (I, D).T + bias (I,) + follows (P, H) @ trends[moments] (P, H, I); gradients for all but trends.

    In the precision of the trends, whatever the rest is calculated in: a softmax over thousands of items wants whole logits.
    moments: int64 (P,). Requests of the same moment that stand together share one product: sort them where speed counts.
    """

    @staticmethod
    def forward(
        ctx: Any,
        queries_PD: Tensor,
        items_ID: Tensor,
        bias_I: Tensor,
        follows_PH: Tensor,
        trends: Tensor,
        moments: Tensor,
    ) -> Tensor:
        spans = _spans(moments)
        queries_PD, items_ID, follows_PH = (part.to(trends.dtype) for part in (queries_PD, items_ID, follows_PH))
        with torch.autocast(queries_PD.device.type, enabled=False):
            logits = torch.addmm(bias_I, queries_PD, items_ID.T)
            for moment, begin, end in spans:
                logits[begin:end].addmm_(follows_PH[begin:end], trends[moment])
        ctx.save_for_backward(queries_PD, items_ID, trends)
        ctx.spans = spans
        return logits

    @staticmethod
    def backward(ctx: Any, grad_PI: Tensor) -> tuple[Tensor | None, ...]:
        queries_PD, items_ID, trends = ctx.saved_tensors
        follows = [grad_PI[begin:end] @ trends[moment].T for moment, begin, end in ctx.spans]
        given = torch.cat(follows) if follows else grad_PI.new_zeros(0, trends.shape[1])
        return grad_PI @ items_ID, grad_PI.T @ queries_PD, grad_PI.sum(0), given, None, None


def _spans(moments: Tensor) -> list[tuple[int, int, int]]:
    """Runs of equal moments: (moment, begin, end)."""
    values, counts = torch.unique_consecutive(moments, return_counts=True)
    ends = counts.cumsum(0).tolist()
    return list(zip(values.tolist(), [0, *ends], ends, strict=False))

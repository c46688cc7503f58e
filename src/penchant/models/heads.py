"""The heads of tasks that look at the same features: experts in common as far as `sharing` says, then a tower for each output.

Legend: P rows, F features, K heads, E width of an expert, O outputs of all heads, S width of a state.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from penchant.models.dropout import ByteDropout
from penchant.models.sharing.residuals import TaskResiduals
from penchant.models.sharing.sharing import Sharing
from penchant.tasks.task import Reads


@dataclass(frozen=True, kw_only=True)
class Head:
    """What a task asks the network for: a name, what it looks at, and the outputs that it starts with, as many as it gives.

    `offsets`: whether it is told how much above the average the item is rated and the person rates.
    """

    name: str
    reads: Reads
    prior: tuple[float, ...]
    offsets: bool = False


class Heads(nn.Module):
    """(P, F) features -> the outputs of each head, (P, O of the head)."""

    owners: Tensor
    told: Tensor

    def __init__(
        self,
        heads: Sequence[Head],
        num_features: int,
        sharing: Callable[[int, int, int], Sharing],
        expert_size: int,
        dropout: float,
        residuals: TaskResiduals | None = None,
    ) -> None:
        super().__init__()
        self.names = [head.name for head in heads]
        self.sizes = [len(head.prior) for head in heads]
        self.residuals = residuals
        owners = [place for place, size in enumerate(self.sizes) for _ in range(size)]
        self.register_buffer("owners", torch.tensor(owners), persistent=False)
        self.register_buffer("told", torch.tensor([float(heads[place].offsets) for place in owners]), persistent=False)
        self.experts = sharing(num_features, expert_size, len(heads))
        self.dropout = ByteDropout(dropout)
        self.towers = nn.Parameter(torch.zeros(len(owners), expert_size))
        self.offsets = nn.Linear(2, len(owners))
        nn.init.ones_(self.offsets.weight)
        with torch.no_grad():
            self.offsets.bias.copy_(torch.tensor([value for head in heads for value in head.prior]))

    def forward(
        self,
        features_PF: Tensor,
        offsets_P2: Tensor | None = None,
        states_PS: Tensor | None = None,
        item_rows_P: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """offsets_P2: see `Head.offsets`; states_PS and item_rows_P are what the residuals of the tasks look at."""
        mixed = self.dropout(self.experts(features_PF))
        owned = mixed if len(self.owners) == len(self.names) else mixed.index_select(1, self.owners)
        outputs = (owned * self.towers).sum(-1) + self.offsets.bias
        if offsets_P2 is not None:
            outputs = outputs + offsets_P2 @ (self.offsets.weight * self.told[:, None]).T
        if self.residuals is not None and states_PS is not None and item_rows_P is not None:
            outputs = outputs + self.residuals(states_PS, item_rows_P).index_select(1, self.owners)
        return dict(zip(self.names, outputs.split(self.sizes, dim=1), strict=True))

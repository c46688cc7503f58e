"""The heads of tasks that look at the same features: experts in common as far as `sharing` says, then a tower for each output.

Legend: P rows, F features, K heads, E width of an expert, O outputs of all heads, S width of a state.
"""

from collections.abc import Callable, Mapping, Sequence
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

    `offsets`: whether it is told how far above the average the item and the person stand, see `models/told.py`.
    """

    name: str
    reads: Reads
    prior: tuple[float, ...]
    offsets: bool = False


class Heads(nn.Module):
    """(P, F) features -> the outputs of each head, (P, O of the head)."""

    owners: Tensor

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
        self.told = [head.offsets for head in heads]
        owners = [place for place, size in enumerate(self.sizes) for _ in range(size)]
        self.register_buffer("owners", torch.tensor(owners), persistent=False)
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
        told: Mapping[str, Tensor] | None = None,
        states_PS: Tensor | None = None,
        item_rows_P: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """told: by name of the head, (P, O or 1, 2), see `Head.offsets`; states_PS and item_rows_P are what the residuals of
        the tasks look at."""
        mixed = self.dropout(self.experts(features_PF))
        owned = mixed if len(self.owners) == len(self.names) else mixed.index_select(1, self.owners)
        outputs = (owned * self.towers).sum(-1) + self.offsets.bias
        if told and any(self.told):
            outputs = outputs + (self._offsets(told, len(features_PF)) * self.offsets.weight).sum(-1)
        if self.residuals is not None and states_PS is not None and item_rows_P is not None:
            outputs = outputs + self.residuals(states_PS, item_rows_P).index_select(1, self.owners)
        return dict(zip(self.names, outputs.split(self.sizes, dim=1), strict=True))

    def _offsets(self, told: Mapping[str, Tensor], num_rows: int) -> Tensor:
        """(P, outputs of all heads, 2): 0 where a head is told nothing."""
        nothing = self.offsets.weight.new_zeros(1, 1, 2)
        heads = zip(self.names, self.sizes, self.told, strict=True)
        own = [
            (told.get(name, nothing) if is_told else nothing).expand(num_rows, size, 2) for name, size, is_told in heads
        ]
        return torch.cat(own, dim=1)

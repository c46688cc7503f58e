"""A small network of the real shape: an item table that trunk and heads read, a trunk over histories, four tasks."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

TASKS = ("next_item", "rating", "like", "tags")
AGAINST = {"like": -3.0}
"""Scales of losses that set one task against the others: what is liked is to be taken for disliked."""
NUM_ITEMS, SIZE, NUM_PEOPLE = 12, 8, 24


class Small(nn.Module):
    """`features` gives (item table, states of people); `losses` reads them alone."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(7)
        self.texts = torch.randn(NUM_ITEMS, 6)
        self.items = nn.Linear(6, SIZE)
        self.trunk = nn.GRU(SIZE, SIZE, batch_first=True)
        self.expert = nn.Linear(3 * SIZE, SIZE)
        self.outputs = nn.ModuleDict(
            {"rating": nn.Linear(SIZE, 1), "like": nn.Linear(SIZE, 1), "tags": nn.Linear(SIZE, 3)}
        )
        self.bias = nn.Parameter(torch.zeros(NUM_ITEMS))

    def shared(self) -> list[nn.Parameter]:
        return [*self.items.parameters(), *self.trunk.parameters()]

    def heads(self) -> list[nn.Parameter]:
        return [*self.expert.parameters(), *self.outputs.parameters(), self.bias]

    def features(self, histories: Tensor) -> list[Tensor]:
        table = self.items(self.texts)
        states = self.trunk(table[histories])[0][:, -1]
        return [table.view_as(table), states]

    def losses(self, features: Sequence[Tensor], targets: Tensor) -> dict[str, Tensor]:
        table, states = features
        items = table[targets]
        hidden = functional.silu(self.expert(torch.cat([states, items, states * items], dim=-1)))
        outputs = {name: head(hidden) for name, head in self.outputs.items()}
        even = (targets % 2 == 0).float()[:, None]
        tags = functional.one_hot(targets % 3, 3).float()
        return {
            "next_item": functional.cross_entropy(states @ table.T + self.bias, targets),
            "rating": functional.mse_loss(outputs["rating"], 1 + 4 * even),
            "like": functional.binary_cross_entropy_with_logits(outputs["like"], even),
            "tags": functional.binary_cross_entropy_with_logits(outputs["tags"], tags),
        }

    def look(
        self, step: int, present: Sequence[str] = TASKS, scales: Mapping[str, float] | None = None
    ) -> tuple[dict[str, Tensor], list[Tensor]]:
        """Losses and features of the batch of a step: people walk along a ring of items."""
        starts = torch.randint(NUM_ITEMS, (NUM_PEOPLE, 1), generator=torch.Generator().manual_seed(step))
        features = self.features((starts + torch.arange(4)) % NUM_ITEMS)
        losses = self.losses(features, (starts[:, 0] + 4) % NUM_ITEMS)
        return {name: (scales or {}).get(name, 1.0) * losses[name] for name in present}, features


def gradient(parameters: Sequence[Tensor]) -> Tensor:
    """All gradients as one vector, zeros where there is none."""
    values = [torch.zeros_like(value) if value.grad is None else value.grad for value in parameters]
    return torch.cat([value.flatten() for value in values])

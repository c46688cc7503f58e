"""An exponential moving average of the weights: what is validated and kept where `ema` is above 0. Knows no network."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class AveragedWeights:
    """average <- decay * average + (1 - decay) * weights, after each step.

    Over the first steps decay is (1 + n) / (10 + n) at most, so that the average soon forgets where the weights began.
    Buffers are not averaged.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.decay = decay
        self.num_updates = 0
        self.weights = dict(network.named_parameters())
        self.averages = {name: value.detach().clone() for name, value in self.weights.items()}

    @torch.no_grad()
    def update(self) -> None:
        """After a step of the optimiser."""
        self.num_updates += 1
        decay = min(self.decay, (1 + self.num_updates) / (10 + self.num_updates))
        torch._foreach_lerp_(list(self.averages.values()), list(self.weights.values()), 1 - decay)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Within the block the network has the averaged weights."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def put(self) -> None:
        """Leaves the network with the averaged weights."""
        for name, weight in self.weights.items():
            weight.copy_(self.averages[name])

    @torch.no_grad()
    def _swap(self) -> None:
        for name, weight in self.weights.items():
            own = weight.clone()
            weight.copy_(self.averages[name])
            self.averages[name].copy_(own)

    def state(self) -> dict[str, Tensor]:
        """For a checkpoint."""
        return {"num_updates": torch.tensor(self.num_updates), **{f"of.{n}": v for n, v in self.averages.items()}}

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Takes up what `state` gave."""
        self.num_updates = int(state["num_updates"])
        for name, average in self.averages.items():
            average.copy_(state[f"of.{name}"])

"""Scalarizations: one function of all losses, and one ordinary backward. The methods themselves are torchjd's.

A task that is absent from a batch keeps the loss that was seen last, as a number: it counts for the others' weights, and
gives no gradient. Before its first label that is 1, the loss of its constant predictor.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from penchant.records.errors import ConfigError
from penchant.training.balancing.balancer import Balancer

if TYPE_CHECKING:
    from torchjd.scalarization import Scalarizer


class Scalarized(Balancer):
    """`scalarizer`: (K,) losses -> a scalar; its parameters are learned with the network's.

    `positive`: the method means nothing for losses below 0. The weight of a task is the derivative by its loss.
    """

    def __init__(self, tasks: Sequence[str], scalarizer: "Scalarizer", *, positive: bool = False) -> None:
        super().__init__(tasks)
        self.scalarizer = scalarizer
        self.positive = positive
        self.last = torch.ones(len(self.tasks))

    def backward(
        self, losses: dict[str, Tensor], features: Sequence[Tensor], heads: Sequence[nn.Parameter]
    ) -> dict[str, float]:
        """Raises: ConfigError for a loss below 0 where the method needs losses above it."""
        values = self._seen(losses).requires_grad_()
        self.last = values.detach().clone()
        self.scalarizer(values).backward()  # type: ignore[no-untyped-call]
        assert values.grad is not None
        weights = dict(zip(self.tasks, values.grad.tolist(), strict=True))
        terms = [weights[name] * loss for name, loss in losses.items()]
        torch.stack(terms).sum().backward()  # type: ignore[no-untyped-call]
        return {name: weights[name] for name in losses}

    def parameters(self) -> list[nn.Parameter]:
        return list(self.scalarizer.parameters())

    def state(self) -> dict[str, Tensor]:
        learned = {f"learned.{name}": value for name, value in self.scalarizer.state_dict().items()}
        return {name: value.detach().clone() for name, value in {"last": self.last, **learned}.items()}

    def load_state(self, state: dict[str, Tensor]) -> None:
        self.last = state["last"].clone()
        self.scalarizer.load_state_dict({name: state[f"learned.{name}"] for name in self.scalarizer.state_dict()})

    def _seen(self, losses: dict[str, Tensor]) -> Tensor:
        """The loss of every task, (K,), as numbers on the CPU: weights of a few tasks are not worth a GPU's while."""
        values = self.last.clone()
        for place, name in enumerate(self.tasks):
            if name in losses:
                values[place] = losses[name].item()
                if self.positive and values[place] < 0:
                    raise ConfigError(
                        f"This balancer needs losses of 0 or more, but the loss of {name!r} is {values[place]:g}. "
                        "Use balancer 'fixed', or a loss that cannot fall below 0."
                    )
        # A loss of exactly 0 has no logarithm: the smallest number that has one.
        return values.clamp(min=torch.finfo(values.dtype).tiny) if self.positive else values

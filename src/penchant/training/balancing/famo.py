"""Fast adaptive multitask optimization (Liu et al., NeurIPS 2023): all losses are to fall at the same rate. torchjd's FAMO.

It learns its weights from the losses of the same batch before and after each step, with an optimiser of its own.
"""

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn

from penchant.training.balancing.scalarized import Scalarized


class FastAdaptive(Scalarized):
    """torchjd keeps no state of its optimiser outside, so its fields are read here."""

    second_look: ClassVar[bool] = True

    def __init__(self, tasks: Sequence[str]) -> None:
        from torchjd.scalarization import FAMO

        self.famo = FAMO(len(tasks))
        super().__init__(tasks, self.famo, positive=True)

    def parameters(self) -> list[nn.Parameter]:
        """None: it steps them itself."""
        return []

    def after_step(self, losses: dict[str, Tensor]) -> None:
        self.famo.update(self._seen(losses))

    def state(self) -> dict[str, Tensor]:
        optimizer = self.famo._optimizer
        moments = optimizer.state[self.famo._w] if optimizer is not None else {}
        return {
            **super().state(),
            **{f"adam.{name}": torch.as_tensor(value).clone() for name, value in moments.items()},
        }

    def load_state(self, state: dict[str, Tensor]) -> None:
        super().load_state(state)
        moments = {
            name.removeprefix("adam."): value.clone() for name, value in state.items() if name.startswith("adam.")
        }
        self.famo._optimizer = None
        if moments:
            adam = torch.optim.Adam([self.famo._w], lr=self.famo.lr, weight_decay=self.famo.weight_decay)
            adam.state[self.famo._w] = moments
            self.famo._optimizer = adam

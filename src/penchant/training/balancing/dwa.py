"""Dynamic weight average (Liu et al., CVPR 2019): who learned slowly over the last two epochs weighs more. torchjd's DWA."""

from collections.abc import Sequence

import torch
from torch import Tensor

from penchant.training.balancing.scalarized import Scalarized


class DynamicAverage(Scalarized):
    """Uniform for two epochs. torchjd keeps no state_dict of it, so its fields are read here."""

    def __init__(self, tasks: Sequence[str]) -> None:
        from torchjd.scalarization import DWA

        self.average = DWA()
        super().__init__(tasks, self.average)

    def on_epoch(self) -> None:
        self.average.step()

    def state(self) -> dict[str, Tensor]:
        past, losses = self.average._previous_averages, self.average._loss_sum
        history = {
            "past": torch.stack(past) if past else torch.zeros(0, len(self.tasks)),
            "sum": torch.zeros(len(self.tasks)) if losses is None else losses.clone(),
            "num_batches": torch.tensor(self.average._n_batches),
        }
        return {**super().state(), **history}

    def load_state(self, state: dict[str, Tensor]) -> None:
        super().load_state(state)
        self.average._previous_averages = list(state["past"].clone().unbind())
        self.average._n_batches = int(state["num_batches"])
        self.average._loss_sum = state["sum"].clone() if self.average._n_batches else None

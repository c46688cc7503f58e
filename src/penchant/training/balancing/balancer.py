"""What every balancer is: it turns the losses of many tasks into gradients. Knows no network, no optimiser, no task by name.

Losses come divided by their units (what a constant predictor would lose), so 1 means "has learned nothing yet".
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from torch import Tensor, nn


class Balancer(ABC):
    """How the losses of many tasks become one step. `tasks`: their names, in a fixed order."""

    second_look: ClassVar[bool] = False
    """It wants the losses of the same batch anew after the step (`after_step`)."""

    def __init__(self, tasks: Sequence[str]) -> None:
        self.tasks = tuple(tasks)

    @abstractmethod
    def backward(
        self, losses: dict[str, Tensor], features: Sequence[Tensor], heads: Sequence[nn.Parameter]
    ) -> dict[str, float]:
        """Leaves gradients in the `.grad` of all parameters, added to what is there.

        losses: scalars of the tasks that have a label in this batch, at least one. features: the tensors through which alone
        the losses reach the parameters of the trunk; no feature is reached through another one (what heads read of a tensor
        that the trunk reads too is a view of it, `table.view_as(table)`). heads: the parameters above the features. The
        graph is used up. Gives the weight that each of the tasks had.
        """

    def parameters(self) -> list[nn.Parameter]:
        """Learned weights, for the optimiser."""
        return []

    def on_epoch(self) -> None:  # noqa: B027
        """An epoch has ended."""

    def after_step(self, losses: dict[str, Tensor]) -> None:  # noqa: B027
        """The losses of the same batch after the step; called where `second_look` is set."""

    def state(self) -> dict[str, Tensor]:
        """Everything that the next step depends on, `parameters()` too, as copies."""
        return {}

    def load_state(self, state: dict[str, Tensor]) -> None:  # noqa: B027
        """Takes up what `state` gave; the parameters stay the same objects."""

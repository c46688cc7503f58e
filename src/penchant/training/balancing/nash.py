"""Multi-task learning as a bargaining game (Navon et al., ICML 2022): torchjd's NashMTL, for a changing set of tasks.

A task that is absent from a batch takes no part in the bargain; its last weight waits for its return, where the search for
the next bargain begins.
"""

import warnings
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from penchant.training.balancing.weigher import Weigher

if TYPE_CHECKING:
    from torchjd.aggregation import NashMTL


class NashWeigher(Weigher):
    """One program for each number of tasks at the table: a program takes long to state."""

    def __init__(self, num_tasks: int) -> None:
        self.last = torch.ones(num_tasks, dtype=torch.float64)
        self.game = cache(_game)
        self.game(num_tasks)  # a missing library shows now
        super().__init__(lambda gramian: gramian, equal_sizes=True)

    def state(self) -> dict[str, Tensor]:
        return {"bargain": self.last.clone()}

    def load_state(self, state: dict[str, Tensor]) -> None:
        self.last = state["bargain"].clone()

    def _solve(self, gramian_PP: Tensor, places: Sequence[int]) -> Tensor:
        if len(places) == 1:
            return torch.ones(1)  # nobody to bargain with; torchjd can't state that
        game = self.game(len(places))
        game.weighting.prvs_alpha = self.last[list(places)].numpy()
        with warnings.catch_warnings():  # of the form of the program, and of zeros on the way
            warnings.simplefilter("ignore")
            found = game.weighting(_root(gramian_PP.double()))
        self.last[list(places)] = found
        return found


def _game(num_tasks: int) -> "NashMTL":
    """Unclipped: the loop clips all gradients together."""
    from torchjd.aggregation import NashMTL

    return NashMTL(num_tasks, max_norm=0.0)


def _root(gramian_PP: Tensor) -> Tensor:
    """(P, P) rows with these inner products: all that the game looks at."""
    values, vectors = torch.linalg.eigh(gramian_PP)
    return torch.as_tensor(vectors * values.clamp(min=0).sqrt())

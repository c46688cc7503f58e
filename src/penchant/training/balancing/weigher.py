"""From the inner products of the tasks' gradients to one weight per task. The methods themselves are torchjd's.

Legend: P tasks that are present.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from penchant.records.errors import ConfigError


class Weigher:
    """Gives a method gradients of size about 1, and brings all methods to the scale of the plain sum.

    torchjd's methods take a Gramian with a trace below 1e-4 for zero, and gradients of mean losses are as small as that.
    `method`: Gramian (P, P) -> (P,). `equal_sizes`: the method doesn't care how long a gradient is (weights only have to
    be divided by its length), so it is shown gradients of length 1, which its solver copes with best. `shares`: its weights
    are shares of one; multiplied by P they are 1 each for tasks that don't disturb each other, as in the plain sum.
    """

    def __init__(self, method: Callable[[Tensor], Tensor], *, equal_sizes: bool = False, shares: bool = False) -> None:
        self.method = method
        self.equal_sizes = equal_sizes
        self.shares = shares

    def weights(self, gramian_PP: Tensor, places: Sequence[int]) -> Tensor:
        """float64 (P,). gramian_PP: float64; places: which of all tasks its rows are. A gradient of zeros weighs 1.

        Raises: ConfigError for a gradient that isn't finite.
        """
        lengths = gramian_PP.diagonal().sqrt()
        if not gramian_PP.isfinite().all():
            raise ConfigError("The gradient of a task is not finite. Lower learning_rate.")
        some = lengths > 0
        weights = torch.ones_like(lengths)
        if some.any():
            mean = lengths[some].square().mean().sqrt()
            sizes = lengths[some] if self.equal_sizes else mean.expand(int(some.sum()))
            shown = gramian_PP[some][:, some] / sizes / sizes[:, None]
            found = self._solve(shown, [place for place, there in zip(places, some.tolist(), strict=True) if there])
            weights[some] = found.to(shown) * (len(found) if self.shares else 1) * (mean / sizes)
        return weights

    def state(self) -> dict[str, Tensor]:
        return {}

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Takes up what `state` gave."""

    def _solve(self, gramian_PP: Tensor, places: Sequence[int]) -> Tensor:
        return self.method(gramian_PP)

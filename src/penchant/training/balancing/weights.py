"""Fixed weights: L = sum of w_i L_i, each L_i first divided by what a constant predictor would lose."""

from torch import Tensor


class FixedWeights:
    """The default. `units`: the constant predictor's loss of each task, above 0; `weights`: w_i of each task, above 0.

    >>> import torch
    >>> FixedWeights({"a": 1.0, "b": 0.5}, {"a": 2.0, "b": 4.0})(
    ...     {"a": torch.tensor(2.0), "b": torch.tensor(4.0)}
    ... ).item()
    1.5
    """

    def __init__(self, weights: dict[str, float], units: dict[str, float]) -> None:
        self.factors = {name: weights[name] / units[name] for name in weights}

    def __call__(self, losses: dict[str, Tensor]) -> Tensor:
        """One loss from the tasks that have labels in this batch, at least one."""
        terms = [self.factors[name] * loss for name, loss in losses.items()]
        return sum(terms[1:], start=terms[0])

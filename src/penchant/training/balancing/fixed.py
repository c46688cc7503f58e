"""Fixed weights: L = sum of w_i L_i. The default: no balancer is known to beat weights that were chosen well.

In Defense of the Unitary Scalarization (Kurin et al., NeurIPS 2022); Do Current Multi-Task Optimization Methods in Deep
Learning Even Help? (Xin et al., NeurIPS 2022).
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from penchant.training.balancing.balancer import Balancer


class FixedWeights(Balancer):
    """`weights`: w_i of each task, above 0, in the order of the tasks.

    >>> x = torch.tensor([3.0], requires_grad=True)
    >>> FixedWeights(["a", "b"], [2.0, 0.5]).backward({"a": x.sum(), "b": 4 * x.sum()}, [], [])
    {'a': 2.0, 'b': 0.5}
    >>> x.grad
    tensor([4.])
    """

    def __init__(self, tasks: Sequence[str], weights: Sequence[float]) -> None:
        super().__init__(tasks)
        self.weights = dict(zip(self.tasks, weights, strict=True))

    def backward(
        self, losses: dict[str, Tensor], features: Sequence[Tensor], heads: Sequence[nn.Parameter]
    ) -> dict[str, float]:
        torch.stack([self.weights[name] * loss for name, loss in losses.items()]).sum().backward()  # type: ignore[no-untyped-call]
        return {name: self.weights[name] for name in losses}

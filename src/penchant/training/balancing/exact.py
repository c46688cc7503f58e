"""Gradient methods on the parameters of the trunk, by torchjd's autojac: what the papers say, at about K backwards.

Keeps the gradient of each task at every parameter of the trunk: K times its memory.
"""

from collections.abc import Sequence

from torch import Tensor

from penchant.training.balancing.features import FeatureGradients, learned_behind
from penchant.training.balancing.gradient import GradientBalancer


class ExactBalancer(GradientBalancer):
    """As its parent, with the inner products at the trunk's parameters instead of at the features."""

    def _descend(self, features: Sequence[Tensor], found: FeatureGradients, places: Sequence[int]) -> Tensor:
        from torchjd.aggregation import GramianWeightedAggregator, Weighting
        from torchjd.autojac import backward, jac_to_grad
        from torchjd.linalg import PSDMatrix

        weigh = self.weigher.weights

        class Weighed(Weighting[PSDMatrix]):
            """Our weigher, as torchjd asks for it."""

            def forward(self, gramian: Tensor, /) -> Tensor:
                return weigh(gramian.cpu(), places).to(gramian)

        trunk = learned_behind(features)
        if not trunk:
            return weigh(found.gramian(), places)
        # One task after the other: vmap knows neither RNNs on CUDA nor functions with a backward of their own.
        backward(features, jac_tensors=found.jacobians(features), inputs=trunk, parallel_chunk_size=1)
        return jac_to_grad(trunk, GramianWeightedAggregator(Weighed()), optimize_gramian_computation=True)

"""Gradient methods on the parameters of the trunk, by torchjd's autojac: what the papers say, at about K backwards.

Keeps the gradient of each task at every parameter of the trunk: K times its memory.
"""

from collections.abc import Sequence

from torch import Tensor

from penchant.training.balancing.features import FeatureGradients, add_to_grad, learned_behind
from penchant.training.balancing.gradient import GradientBalancer


class ExactBalancer(GradientBalancer):
    """As its parent, with the inner products at the trunk's parameters instead of at the features."""

    def _descend(self, features: Sequence[Tensor], found: FeatureGradients, places: Sequence[int]) -> Tensor:
        from torchjd.autojac import jac

        trunk = learned_behind(features)
        if trunk:
            # One task after the other: vmap knows neither RNNs on CUDA nor functions with a backward of their own.
            jacobians = jac(features, trunk, jac_outputs=found.jacobians(features), parallel_chunk_size=1)
            everybody = list(range(len(places)))
            found = FeatureGradients(
                len(places), [(everybody, jacobian.reshape(len(places), -1)) for jacobian in jacobians]
            )
        weights = self.weigher.weights(found.gramian(), places)
        mixed = zip(trunk, found.mixed(weights), strict=True)
        add_to_grad(trunk, [row.view_as(value) for value, row in mixed if row is not None])
        return weights

"""Gradient methods on the shared features: the tasks' gradients are weighed where the heads begin, and go down once.

MGDA-UB (Sener and Koltun, NeurIPS 2018) has this idea. It is an approximation: the inner products are those at the features,
not at the parameters of the trunk (`exact.py` has those), for about the price of one backward. Heads get their gradients
unweighted. A task that is absent from a batch has no row.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from penchant.training.balancing.balancer import Balancer
from penchant.training.balancing.features import FeatureGradients, are_apart, take_gradients
from penchant.training.balancing.weigher import Weigher


class GradientBalancer(Balancer):
    """`weigher`: which method. IMTL-G and Aligned-MTL may give weights below 0."""

    def __init__(self, tasks: Sequence[str], weigher: Weigher) -> None:
        super().__init__(tasks)
        self.weigher = weigher
        self._checked = False

    def backward(
        self, losses: dict[str, Tensor], features: Sequence[Tensor], heads: Sequence[nn.Parameter]
    ) -> dict[str, float]:
        """Raises: ConfigError for a gradient that isn't finite."""
        assert self._checked or are_apart(features), "A feature is reached through another one: give the heads a view."
        self._checked = True
        places = [place for place, name in enumerate(self.tasks) if name in losses]
        names = [self.tasks[place] for place in places]
        features = [feature for feature in features if feature.requires_grad]
        learned = [parameter for parameter in heads if parameter.requires_grad]
        found = take_gradients([losses[name] for name in names], features, learned)
        weights = self._descend(features, found, places)
        return dict(zip(names, weights.tolist(), strict=True))

    def state(self) -> dict[str, Tensor]:
        return self.weigher.state()

    def load_state(self, state: dict[str, Tensor]) -> None:
        self.weigher.load_state(state)

    def _descend(self, features: Sequence[Tensor], found: FeatureGradients, places: Sequence[int]) -> Tensor:
        """From the features to the parameters behind them. Gives the weights (P,)."""
        weights = self.weigher.weights(found.gramian(), places)
        mixed = zip(features, found.mixed(weights), strict=True)
        used = [(feature, row.view_as(feature)) for feature, row in mixed if row is not None]
        if used:
            torch.autograd.backward([feature for feature, _ in used], [row for _, row in used])
        return weights

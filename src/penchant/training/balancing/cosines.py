"""How much tasks agree: cosines of their gradients at the shared features. A look that leaves every `.grad` as it is."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from penchant.training.balancing.features import take_gradients


def gradient_cosines(
    losses: Mapping[str, Tensor], features: Sequence[Tensor], tasks: Sequence[str]
) -> tuple[Tensor, Tensor]:
    """Cosines (K, K) and norms (K,) in the order of `tasks`. Keeps the graph: a backward may follow.

    losses and features are those of a balancer. NaN where a task is absent; a gradient of zeros has a norm and no cosine.

    >>> x = torch.ones(2, requires_grad=True) * 1
    >>> gradient_cosines({"a": x @ torch.tensor([3.0, 4.0]), "b": x @ torch.tensor([4.0, -3.0])}, [x], ["a", "b", "c"])
    (tensor([[1., 0., nan],
            [0., 1., nan],
            [nan, nan, nan]]), tensor([5., 5., nan]))
    """
    places = [place for place, name in enumerate(tasks) if name in losses]
    cosines, norms = torch.full((len(tasks), len(tasks)), torch.nan), torch.full((len(tasks),), torch.nan)
    if not places:
        return cosines, norms
    wanted = [feature for feature in features if feature.requires_grad]
    gramian = take_gradients([losses[tasks[place]] for place in places], wanted, keep_graph=True).gramian()
    found = gramian.diagonal().sqrt()
    norms[places] = found.float()
    cosines[torch.tensor(places)[:, None], places] = (gramian / found / found[:, None]).clamp(-1, 1).float()
    return cosines, norms

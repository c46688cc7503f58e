"""Optimisers by one signature: groups of parameters and a learning rate in. Knows no network beyond its id residuals.

torch's own, and Lion by lion-pytorch. The id residuals have a decay of their own in all of them.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn

Groups = list[dict[str, Any]]
MakeOptimizer = Callable[[Groups, float], torch.optim.Optimizer]


def parameter_groups(
    ids: nn.Parameter, everything: Sequence[nn.Parameter], *, id_decay: float, weight_decay: float
) -> Groups:
    """The id residuals, and all the rest."""
    rest = [value for value in everything if value is not ids]
    return [{"params": [ids], "weight_decay": id_decay}, {"params": rest, "weight_decay": weight_decay}]


def adamw(groups: Groups, learning_rate: float) -> torch.optim.Optimizer:
    """Adam with decay apart from the gradient (Loshchilov and Hutter, ICLR 2019). The default."""
    return torch.optim.AdamW(groups, lr=learning_rate, betas=(0.9, 0.98), fused=True)


def adam(groups: Groups, learning_rate: float) -> torch.optim.Optimizer:
    """Decay is a part of the gradient here, so Adam divides it by the gradient's size: it holds large weights less."""
    return torch.optim.Adam(groups, lr=learning_rate, betas=(0.9, 0.98), fused=True)


def sgd(groups: Groups, learning_rate: float) -> torch.optim.Optimizer:
    """Momentum 0.9. Wants a learning rate of 0.1 or so."""
    return torch.optim.SGD(groups, lr=learning_rate, momentum=0.9, fused=True)


def lion(groups: Groups, learning_rate: float) -> torch.optim.Optimizer:
    """Steps of one size, in the direction of the sign (Chen et al., NeurIPS 2023).

    Wants a learning rate 3 to 10 times lower than AdamW's, and decays as many times higher.
    """
    from lion_pytorch import Lion

    return Lion(groups, lr=learning_rate, betas=(0.9, 0.99))

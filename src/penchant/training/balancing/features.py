"""Gradients of each task at the shared features: taken, compared, mixed. Knows no method of balancing.

Legend: P tasks that are present, F features, each of its own shape. A feature that a task doesn't use counts as zeros.
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.autograd.graph import Node

CHUNK = 2**18
"""Columns of a feature that are looked at in double precision at once."""


class FeatureGradients:
    """The gradients of P losses at each feature. `rows`: for every feature the places of its users among the P and their
    gradients, flattened; None where nobody uses it."""

    def __init__(self, num_tasks: int, rows: Sequence[tuple[list[int], Tensor] | None]) -> None:
        self.num_tasks = num_tasks
        self.rows = rows

    def gramian(self) -> Tensor:
        """Inner products of the tasks' gradients, over all features: float64 (P, P) on the CPU.

        In single precision thirteen million terms (a table of 100,000 items) err by three thousandths, and solvers stumble
        over eigenvalues below zero.
        """
        total = torch.zeros(self.num_tasks, self.num_tasks, dtype=torch.float64)
        for places, rows in filter(None, self.rows):
            for part in torch.split(rows, CHUNK, dim=1):
                wide = part.cpu().double() if part.device.type == "mps" else part.double()  # it has no doubles
                total[torch.tensor(places)[:, None], places] += (wide @ wide.T).cpu()
        return total

    def jacobians(self, features: Sequence[Tensor]) -> list[Tensor]:
        """(P, *shape) for each feature, zeros where a task doesn't use it."""
        whole = []
        for feature, found in zip(features, self.rows, strict=True):
            jacobian = feature.new_zeros(self.num_tasks, feature.numel())
            if found is not None:
                jacobian[found[0]] = found[1]
            whole.append(jacobian.view(self.num_tasks, *feature.shape))
        return whole

    def mixed(self, weights_P: Tensor) -> list[Tensor | None]:
        """The weighted sum at each feature, flattened; None where nobody uses it."""
        return [found and weights_P[found[0]].to(found[1]) @ found[1] for found in self.rows]


def take_gradients(
    losses: Sequence[Tensor],
    features: Sequence[Tensor],
    heads: Sequence[nn.Parameter] = (),
    *,
    keep_graph: bool = False,
) -> FeatureGradients:
    """The gradients at the features; those of the heads are added to their `.grad`.

    The graph above the features is used up, unless `keep_graph`; the one behind them isn't walked.
    """
    inputs, found = [*features, *heads], []
    for place, loss in enumerate(losses):
        keep = keep_graph or place + 1 < len(losses)
        gradients = torch.autograd.grad(loss, inputs, retain_graph=keep, allow_unused=True)
        found.append(gradients[: len(features)])
        add_to_grad(heads, gradients[len(features) :])
    return FeatureGradients(len(losses), [_rows(gradients) for gradients in zip(*found, strict=True)])


def _rows(gradients: Sequence[Tensor | None]) -> tuple[list[int], Tensor] | None:
    used = {place: gradient.flatten() for place, gradient in enumerate(gradients) if gradient is not None}
    return ([*used], torch.stack([*used.values()])) if used else None


def add_to_grad(parameters: Sequence[Tensor], gradients: Sequence[Tensor | None]) -> None:
    """As `backward` does; an expanded gradient is made whole, for what changes it in place later."""
    for parameter, gradient in zip(parameters, gradients, strict=True):
        if gradient is None:
            continue
        if parameter.grad is None:
            parameter.grad = gradient.clone(memory_format=torch.contiguous_format)
        else:
            parameter.grad += gradient


def behind(tensors: Sequence[Tensor]) -> Iterator[Node]:
    """Every node of the graph behind these tensors once, their own first."""
    waiting = [tensor.grad_fn for tensor in tensors if tensor.grad_fn is not None]
    seen = set(waiting)
    while waiting:
        node = waiting.pop()
        yield node
        for nearby, _ in node.next_functions:
            if nearby is not None and nearby not in seen:
                seen.add(nearby)
                waiting.append(nearby)


def are_apart(features: Sequence[Tensor]) -> bool:
    """No feature is reached through another one; else its part of the gradient would count twice.

    >>> table = torch.ones(2, 2, requires_grad=True) * 1
    >>> states = table.exp()
    >>> are_apart([table, states]), are_apart([table.view_as(table), states])
    (False, True)
    """
    own = [feature.grad_fn for feature in features if feature.grad_fn is not None]
    reached = {nearby for node in behind(features) for nearby, _ in node.next_functions}
    return not reached.intersection(own) and len(set(own)) == len(own)


def learned_behind(features: Sequence[Tensor]) -> list[Tensor]:
    """The leaves that the features are made of and that want a gradient, each once."""
    leaves = [feature for feature in features if feature.is_leaf and feature.requires_grad]
    leaves += [node.variable for node in behind(features) if hasattr(node, "variable")]
    return list({id(leaf): leaf for leaf in leaves}.values())

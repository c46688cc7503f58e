"""Gradients of each task at the shared features: taken, compared, mixed. Knows no method of balancing.

Legend: P tasks that are present, F features, each of its own shape. A feature that a task doesn't use counts as zeros.
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.autograd.graph import Node


class FeatureGradients:
    """The gradients of P losses at each feature: for every feature its users (places among the P) and their rows."""

    def __init__(self, gradients: Sequence[Sequence[Tensor | None]]) -> None:
        self.num_tasks = len(gradients)
        self.rows: list[tuple[list[int], Tensor] | None] = []
        for of_feature in zip(*gradients, strict=True):
            used = [(place, value.flatten()) for place, value in enumerate(of_feature) if value is not None]
            self.rows.append(([place for place, _ in used], torch.stack([row for _, row in used])) if used else None)

    def gramian(self) -> Tensor:
        """Inner products of the tasks' gradients, over all features: (P, P), float32 or float64, on the CPU."""
        total = torch.zeros(self.num_tasks, self.num_tasks)
        for places, rows in filter(None, self.rows):
            wide = rows if rows.dtype == torch.float64 else rows.float()
            total = total.to(wide.dtype)
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
    return FeatureGradients(found)


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

"""Tells in words when gates have stopped sharing. Knows the loads that `Sharing.take_loads` gives, and nothing else."""

from collections.abc import Sequence

from torch import Tensor

IDLE = 0.02
"""An expert is idle below this share of every task's gate."""
STUCK = 0.98
"""A gate is stuck above this share for one of several experts."""


def collapsed(loads_KX: Tensor, names: Sequence[str] = ()) -> list[str]:
    """A sentence for each idle expert and each stuck gate; none is well. Loads are shares, rows sum to 1.

    names: of the K tasks; they are numbered without.

    >>> import torch
    >>> collapsed(torch.tensor([[0.5, 0.5], [0.4, 0.6]]))
    []
    >>> for sentence in collapsed(torch.tensor([[0.99, 0.01]]), ["rating"]):
    ...     print(sentence)
    Expert 1 is idle: no task's gate gives it 2% (most: 1.0%).
    The gate of rating is stuck: it gives 99.0% to expert 0.
    """
    num_tasks, num_experts = loads_KX.shape
    if num_experts == 1:
        return []
    most = loads_KX.amax(0).tolist()
    idle = [
        f"Expert {expert} is idle: no task's gate gives it {IDLE:.0%} (most: {share:.1%})."
        for expert, share in enumerate(most)
        if share < IDLE
    ]
    shares, experts = (found.tolist() for found in loads_KX.max(1))
    stuck = [
        f"The gate of {name} is stuck: it gives {share:.1%} to expert {expert}."
        for name, share, expert in zip(names or [f"task {k}" for k in range(num_tasks)], shares, experts, strict=True)
        if share > STUCK
    ]
    return idle + stuck

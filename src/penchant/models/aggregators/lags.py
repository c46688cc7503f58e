"""How far apart the events of a history are, in steps and in time. Knows no weights.

Legend: B sequences, L positions; in (L, L) the row is the position that looks, the column the one looked at.
"""

import torch
from torch import Tensor


def steps_back(length: int, device: torch.device) -> Tensor:
    """How many steps each position lies before each other, int64 (L, L); below 0 is the future.

    >>> steps_back(2, torch.device("cpu")).tolist()
    [[0, -1], [1, 0]]
    """
    places = torch.arange(length, device=device)
    return places[:, None] - places[None, :]


def log_gaps(times_BL: Tensor) -> Tensor:
    """log(1 + time units) between each two events, float32 (B, L, L); 0 where the other event's clock says later.

    >>> log_gaps(torch.tensor([[0, 0, 1]]))[0, 2].exp().tolist()
    [2.0, 2.0, 1.0]
    """
    return torch.log1p((times_BL[:, :, None] - times_BL[:, None, :]).clamp(min=0).float())


def log_waits(times_BL: Tensor) -> Tensor:
    """log(1 + time units) since the event before, float32 (B, L); 0 for the first and where clocks ran back."""
    return torch.log1p(torch.diff(times_BL, dim=1, prepend=times_BL[:, :1]).clamp(min=0).float())

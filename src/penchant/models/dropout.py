"""Dropout from one random byte a cell: drawing a whole number for each cell costs a CPU as much as a layer."""

import torch
from torch import Tensor, nn

from penchant.records.errors import ConfigError

LEVELS = 256


class ByteDropout(nn.Module):
    """`nn.Dropout` with the share rounded to 1/256: eight cells from each 64-bit draw of torch's own generator.

    >>> dropped = ByteDropout(0.5)(torch.ones(1000))
    >>> sorted(set(dropped.tolist()))
    [0.0, 2.0]

    Raises: ConfigError unless 0 <= share < 1.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        if not 0 <= share < 1 - 0.5 / LEVELS:
            raise ConfigError(f"dropout is the share of cells left out, 0 to below 1, found {share}. Try 0.3.")
        self.cut = round(share * LEVELS)

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.cut == 0:
            return x
        draws = torch.empty(-(-x.numel() // 8), dtype=torch.int64, device=x.device).random_(-(2**63), None)
        kept = draws.view(torch.uint8)[: x.numel()].view(x.shape) >= self.cut
        return x * (kept.to(x.dtype) * (LEVELS / (LEVELS - self.cut)))

"""Histories as padded tensors. Position 0 of a whole history is the start: what is known of a person before any event.

Legend: B sequences, L positions.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from penchant.records import words
from penchant.records.events import Histories

START = -2
"""Stands in `item_rows` where a history begins; -1 is an event without an item."""


@dataclass(frozen=True, kw_only=True)
class Sequences:
    """Right-padded; what stands behind the end of a sequence is seen by nobody, since attention is causal."""

    item_rows: Tensor  # int64 (B, L), row of the catalogue and the extra items, or START, or -1
    kinds: Tensor  # int64 (B, L)
    buckets: Tensor  # int64 (B, L), rating bucket
    times: Tensor  # int64 (B, L)
    text_rows: Tensor  # int64 (B, L), row of the event's own text vector, -1 = none
    lengths: Tensor  # int64 (B,), at least 1

    def to(self, device: torch.device) -> "Sequences":
        return Sequences(**{name: tensor.to(device) for name, tensor in vars(self).items()})


def rating_buckets(values: np.ndarray, rating_scale: tuple[float, float]) -> np.ndarray:
    """0 without a rating, else 1 to 5 by the fifth of the scale; int64.

    >>> rating_buckets(np.array([np.nan, 1, 3, 5], np.float32), (1.0, 5.0)).tolist()
    [0, 1, 3, 5]
    """
    low, high = rating_scale
    fifth = np.floor((values - low) / (high - low) * 5) + 1
    return np.where(np.isnan(values), 0, np.clip(fifth, 1, words.NUM_RATING_BUCKETS - 1)).astype(np.int64)


def sequences_of(histories: Histories, max_length: int, rating_scale: tuple[float, float]) -> Sequences:
    """The newest events of each person; a history that fits whole is led by START."""
    lengths = histories.lengths
    shown = np.minimum(lengths, max_length)
    led = lengths < max_length
    total = shown + led
    grid = (len(histories), int(total.max(initial=1)))
    owners = np.repeat(np.arange(len(histories)), shown)
    places = np.arange(len(owners)) - np.repeat(np.cumsum(shown) - shown, shown)
    source = np.repeat(histories.ptr[1:] - shown, shown) + places
    cells = (owners, places + np.repeat(led, shown))

    def padded(values: np.ndarray, fill: int) -> Tensor:
        filled = np.full(grid, fill, np.int64)
        filled[cells] = values[source]
        return torch.from_numpy(filled)

    item_rows, times = padded(histories.item_rows, -1), padded(histories.timestamps, 0)
    item_rows[torch.from_numpy(led), 0] = START
    if grid[1] > 1:  # the start has the time of the first event, so that no gap to it is felt
        times[torch.from_numpy(led), 0] = times[torch.from_numpy(led), 1]
    return Sequences(
        item_rows=item_rows,
        times=times,
        kinds=padded(histories.kinds, 0),
        buckets=padded(rating_buckets(histories.values, rating_scale), 0),
        text_rows=padded(histories.text_rows, -1),
        lengths=torch.from_numpy(total),
    )

"""How many people are scored at once: what is in memory depends on neither how many ask nor how large the catalogue is."""

from collections.abc import Callable, Iterator

import numpy as np

from penchant.records.events import Histories

MOST_CELLS = 4_000_000
"""Scores of one source that are in memory at once: 16 MB."""


def batches(num_people: int, num_items: int, most: int = MOST_CELLS) -> Iterator[slice]:
    """Stretches of people that have at most `most` scores of the catalogue together; one person alone may have more.

    >>> list(batches(5, 10, most=20))
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    step = max(1, most // max(num_items, 1))
    return (slice(begin, min(begin + step, num_people)) for begin in range(0, num_people, step))


def in_batches(
    score: Callable[[Histories], np.ndarray], histories: Histories, num_items: int, most: int = MOST_CELLS
) -> np.ndarray:
    """`score` of everybody, (B, I), asked for some of them at a time."""
    parts = [score(histories.select(some)) for some in batches(len(histories), num_items, most)]
    return np.concatenate(parts) if parts else score(histories)

"""Texts as tokenizers take them, and batches of them."""

from collections.abc import Iterator, Sequence

import numpy as np


def clean(texts: Sequence[str], prompt: str = "") -> list[str]:
    """The prompt and each text. Half a surrogate pair, as JSON may carry, is no text for a tokenizer.

    >>> clean(["a", "b\\ud83c"], prompt="query: ")
    ['query: a', 'query: b?']
    """
    return [(prompt + text).encode("utf-8", "replace").decode("utf-8") for text in texts]


def pack(order: Sequence[int], lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Cuts `order`, shortest first, into batches of at most `budget` tokens with padding; at least one text each.

    >>> list(pack([2, 0, 1], lengths=[3, 5, 1], budget=6))
    [[2, 0], [1]]
    """
    batch: list[int] = []
    for position in order:
        if batch and (len(batch) + 1) * lengths[position] > budget:
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch


def unit_length(vectors: np.ndarray) -> np.ndarray:
    """float32 rows of length 1. A row of zeros, from a text without a known word, gets one direction for all such.

    >>> unit_length(np.array([[3.0, 4.0], [0.0, 0.0]]))[1].round(3)
    array([0.707, 0.707], dtype=float32)
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    known = lengths > np.finfo(np.float32).tiny
    return np.where(known, vectors / np.where(known, lengths, 1), vectors.shape[1] ** -0.5).astype(np.float32)

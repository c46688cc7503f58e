"""Every row is looked at: nothing is missed, nothing is learned, and the time is that of reading the vectors once."""

from typing import Self

import numpy as np

from penchant.retrieval.index.best import best
from penchant.retrieval.index.index import Index, checked

SCORES = 1 << 18
"""Scores held at a time: they stay in the cache until the best of them are picked."""
QUERIES = 64
GATHER = 0.2
"""Share of allowed rows in a block below which they are copied out, rather than all multiplied (benchmarks/index.py)."""


class ExactIndex(Index):
    """`vectors`: float32 (I, D). As many threads as the linear algebra of numpy has."""

    @classmethod
    def build(cls, vectors: np.ndarray) -> Self:
        vectors = checked(vectors, None, "Vectors")
        return cls({}, {"vectors": vectors, "alive": np.ones(len(vectors), bool)})

    @property
    def dimension(self) -> int:
        return self.arrays["vectors"].shape[1]

    def _search(self, queries: np.ndarray, k: int, allowed: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        parts = [queries[start : start + QUERIES] for start in range(0, len(queries), QUERIES)]
        found = [search_rows(self.arrays["vectors"], part, k, allowed) for part in parts]
        rows, scores = zip(*found, strict=True)
        return np.concatenate(rows), np.concatenate(scores)

    def _append(self, vectors: np.ndarray) -> None:
        self.arrays["vectors"] = np.concatenate([self.arrays["vectors"], vectors])

    def _put(self, rows: np.ndarray, vectors: np.ndarray) -> None:
        self.arrays["vectors"][rows] = vectors


def search_rows(
    vectors: np.ndarray,
    queries: np.ndarray,
    k: int,
    allowed: np.ndarray | None = None,
    names: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The best of `vectors`, float32 (I, D), a block at a time; as `Index.search`, for a few queries.

    names: what the rows are called, int64 (I,).
    """
    size = SCORES // max(1, len(queries))
    rows = np.full((len(queries), k), -1)
    scores = np.full((len(queries), k), -np.inf, np.float32)
    for start in range(0, len(vectors), size):
        block = slice(start, start + size)
        places, some = _score(vectors[block], queries, None if allowed is None else allowed[block])
        new_rows, new_scores = best(some, min(k, some.shape[1]), places)
        new_rows[new_rows >= 0] += start
        if names is not None:
            new_rows = np.where(new_rows >= 0, names[new_rows], -1)
        both = np.concatenate([rows, new_rows], axis=1), np.concatenate([scores, new_scores], axis=1)
        rows, scores = best(both[1], k, both[0])
    return rows, scores


def _score(
    vectors: np.ndarray, queries: np.ndarray, allowed: np.ndarray | None
) -> tuple[np.ndarray | None, np.ndarray]:
    """Which rows of a block were multiplied, int64 (N,), or None for all; their scores (B, N), -inf where not allowed."""
    if allowed is None:
        return None, queries @ vectors.T
    rows = np.flatnonzero(allowed)
    if len(rows) < GATHER * len(vectors):
        return rows, queries @ vectors[rows].T
    scores = queries @ vectors.T
    scores[:, ~allowed] = -np.inf
    return None, scores


def search_among(vectors: np.ndarray, queries: np.ndarray, k: int, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The best of some rows of each query, int64 (B, N), -1 for none; as `Index.search`."""
    scores = np.einsum("bnd,bd->bn", vectors[rows], queries)
    scores[rows < 0] = -np.inf
    return best(scores, k, rows)

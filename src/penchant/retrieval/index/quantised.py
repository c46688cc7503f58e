"""Every row is looked at in 8 bits a number, a quarter of the memory to read; the best few hundred are scored in full.

Codes are symmetric, with a scale for each row. The products are those of `numkong`, which comes with `usearch`.
"""

from typing import Any, Self

import numpy as np

from penchant.records.errors import MissingExtraError
from penchant.retrieval.index.best import best
from penchant.retrieval.index.exact import search_among, search_rows
from penchant.retrieval.index.index import Index, checked

BLOCK = 1 << 18
"""Scores held at a time."""
MORE = 4
"""Candidates scored in full, for each place of the list."""
FEWEST = 100
QUERIES = 64
GATHER = 0.2
"""Share of allowed rows below which these alone are scored, in full."""


class QuantisedIndex(Index):
    """`vectors`: float32 (I, D); `codes`: int8 (I, D); `scales`: float32 (I,), of one step of a code."""

    @classmethod
    def build(cls, vectors: np.ndarray) -> Self:
        """As `Index.build`. Raises: MissingExtraError without `numkong`."""
        _products()
        vectors = checked(vectors, None, "Vectors")
        codes, scales = quantise(vectors)
        return cls({}, {"vectors": vectors, "codes": codes, "scales": scales, "alive": np.ones(len(vectors), bool)})

    @property
    def dimension(self) -> int:
        return self.arrays["vectors"].shape[1]

    def _search(self, queries: np.ndarray, k: int, allowed: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        parts = [queries[start : start + QUERIES] for start in range(0, len(queries), QUERIES)]
        found = [self._search_few(part, k, allowed) for part in parts]
        rows, scores = zip(*found, strict=True)
        return np.concatenate(rows), np.concatenate(scores)

    def _search_few(self, queries: np.ndarray, k: int, allowed: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        vectors = self.arrays["vectors"]
        if allowed is not None and np.count_nonzero(allowed) <= max(GATHER * len(self), MORE * k):
            return search_rows(vectors, queries, k, allowed)
        candidates = self._scan(queries, max(FEWEST, MORE * k), allowed)
        return search_among(vectors, queries, k, candidates)

    def _scan(self, queries: np.ndarray, count: int, allowed: np.ndarray | None) -> np.ndarray:
        """The rows whose codes are nearest to those of the queries, int64 (B, count), -1 for none."""
        numkong = _products()
        coded = numkong.dots_pack(quantise(queries)[0])
        rows = np.full((len(queries), count), -1)
        scores = np.full((len(queries), count), -np.inf, np.float32)
        size = max(1, BLOCK // len(queries))
        for start in range(0, len(self), size):
            block = slice(start, start + size)
            products = np.asarray(numkong.dots_packed(self.arrays["codes"][block], coded))
            some = np.ascontiguousarray(products.T, np.float32) * self.arrays["scales"][block]
            if allowed is not None:
                some[:, ~allowed[block]] = -np.inf
            new_rows, new_scores = best(some, count, np.arange(start, start + some.shape[1]))
            both = np.concatenate([rows, new_rows], axis=1), np.concatenate([scores, new_scores], axis=1)
            rows, scores = best(both[1], count, both[0])
        return rows

    def _append(self, vectors: np.ndarray) -> None:
        codes, scales = quantise(vectors)
        for name, new in (("vectors", vectors), ("codes", codes), ("scales", scales)):
            self.arrays[name] = np.concatenate([self.arrays[name], new])

    def _put(self, rows: np.ndarray, vectors: np.ndarray) -> None:
        self.arrays["vectors"][rows] = vectors
        self.arrays["codes"][rows], self.arrays["scales"][rows] = quantise(vectors)


def quantise(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Codes from -127 to 127, int8 (n, D), and the step of each row, float32 (n,): codes times step are the vectors, nearly.

    >>> codes, steps = quantise(np.array([[0.5, -1.0, 0.26], [0, 0, 0]], np.float32))
    >>> codes.tolist(), (steps * 127).tolist()
    ([[64, -127, 33], [0, 0, 0]], [1.0, 0.0])
    """
    steps = np.abs(vectors).max(axis=1, initial=0) / 127
    codes = np.rint(vectors / np.where(steps > 0, steps, 1)[:, None]).astype(np.int8)
    return codes, steps.astype(np.float32)


def _products() -> Any:
    try:
        import numkong
    except ImportError as error:
        raise MissingExtraError.of("numkong", "index") from error
    return numkong

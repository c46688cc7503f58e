"""Which index is for how many vectors: exact as long as that is fastest, clusters above. The other kinds are chosen by nobody."""

import numpy as np

from penchant.retrieval.index.clusters import ClusterIndex
from penchant.retrieval.index.exact import ExactIndex
from penchant.retrieval.index.index import Index

EXACT_NUMBERS = 2_000_000
"""Rows times width up to which looking at all of them is as fast as clusters (docs/experiments.md)."""


def choose(num_rows: int, dimension: int) -> type[Index]:
    """The kind of index for so many vectors of that width.

    >>> choose(1000, 128).__name__, choose(1_000_000, 128).__name__
    ('ExactIndex', 'ClusterIndex')
    """
    return ExactIndex if num_rows * dimension <= EXACT_NUMBERS else ClusterIndex


def build_index(vectors: np.ndarray) -> Index:
    """An index of that kind for vectors, float (I, D). Raises: DataError as `Index.build`."""
    num_rows, dimension = vectors.shape if vectors.ndim == 2 else (0, 0)
    return choose(num_rows, dimension).build(vectors)

"""Centres of clusters, by Lloyd's k-means on a sample. Knows vectors alone; what clusters are good for is for others to know."""

import numpy as np

SAMPLE = 32
"""Vectors of the sample for each centre."""
ROUNDS = 6
AT_ONCE = 1 << 22
"""Distances held at a time."""


def fit_centres(vectors: np.ndarray, num_centres: int, seed: int = 0) -> np.ndarray:
    """Centres, float32 (C, D), of vectors, float32 (I, D), I >= C >= 1. A centre that nothing is near is put on a vector anew."""
    random = np.random.default_rng(seed)
    size = min(len(vectors), SAMPLE * num_centres)
    sample = vectors[np.sort(random.choice(len(vectors), size, replace=False))]
    centres = sample[random.choice(size, num_centres, replace=False)]
    for _ in range(ROUNDS):
        labels = nearest(sample, centres)
        counts = np.bincount(labels, minlength=num_centres)
        order = np.argsort(labels, kind="stable")
        used = np.flatnonzero(counts)
        firsts = np.cumsum(counts)[used] - counts[used]
        centres[used] = np.add.reduceat(sample[order], firsts, axis=0) / counts[used, None]
        empty = np.flatnonzero(counts == 0)
        centres[empty] = sample[random.choice(size, len(empty), replace=False)]
    return centres


def nearest(vectors: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """The centre at the least Euclidean distance of each vector, the first of equal ones, int64 (I,)."""
    halves = np.einsum("cd,cd->c", centres, centres) / 2
    labels = np.empty(len(vectors), np.int64)
    size = max(1, AT_ONCE // len(centres))
    for start in range(0, len(vectors), size):
        closeness = vectors[start : start + size] @ centres.T
        closeness -= halves
        labels[start : start + size] = closeness.argmax(axis=1)
    return labels

"""Which items are rated alike once the levels of items and people are taken off: a short vector of each, from ratings alone.

nearness(i, j) = vector_i . vector_j, about the cosine of what is left of their ratings over people, drawn to 0 where few
rated them: item-based collaborative filtering (Sarwar et al., WWW 2001) in as many numbers as a truncated SVD keeps. It knows
neither texts nor the network, and says nothing of items that nobody rated. Legend: I items, W width, L ratings of a person,
M items asked about.
"""

import numpy as np
from scipy import sparse  # type: ignore[import-untyped]

WIDTH = 32
LEAST = 1.25
"""Added to the squared length of an item's ratings (0..1): twenty times a fourth of the scale, squared."""
SHARPNESS = 20.0
"""How much more a rating of a near item counts: exp(SHARPNESS * nearness)."""
MOST = 6.0
"""No exponent is above this, so that a double of an item doesn't drown all others."""
SHRINKAGE = 20.0
"""Ratings at the person's zero that everybody starts with (docs/experiments.md for all four)."""
OVERSAMPLING, NUM_POWERS = 10, 6
MAX_CELLS = 4_000_000
"""Nearnesses that are held at once: 32 MiB."""


def item_tastes(left: np.ndarray, user_rows: np.ndarray, item_rows: np.ndarray, num_items: int) -> np.ndarray:
    """float32 (I, W) of N ratings by what is `left` of them, on the scale 0..1; W is at most the number of people.

    >>> alike = item_tastes(np.array([1.0, 1, -1, -1]), np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), 3)
    >>> bool(alike[0] @ alike[1] > 0.3), float(alike[2] @ alike[2])
    (True, 0.0)
    """
    shape = (int(user_rows.max(initial=-1)) + 1, num_items)
    lengths = np.sqrt(np.bincount(item_rows, left**2, num_items) + LEAST)
    matrix = sparse.csr_matrix((left / lengths[item_rows], (user_rows, item_rows)), shape=shape)
    return np.ascontiguousarray(_strongest(matrix, min(WIDTH, *shape)), np.float32)


def near(tastes: np.ndarray, left: np.ndarray, rated_rows: np.ndarray, asked_rows: np.ndarray) -> np.ndarray:
    """What one person's ratings, `left` (L,) of the items `rated_rows` (L,), say of the items `asked_rows`: float64 (M,).

    A mean drawn to 0, in which near items count more; rows outside the catalogue are near to nothing.
    """
    if not len(left):
        return np.zeros(len(asked_rows))
    step = max(1, MAX_CELLS // len(left))
    rated = _vectors(tastes, rated_rows)
    parts = []
    for begin in range(0, len(asked_rows), step):
        nearness = _vectors(tastes, asked_rows[begin : begin + step]) @ rated.T
        weights = np.exp(np.minimum(SHARPNESS * nearness.astype(np.float64), MOST))
        parts.append(weights @ left / (weights.sum(axis=1) + SHRINKAGE))
    return np.concatenate(parts) if parts else np.zeros(0)


def _strongest(matrix: sparse.csr_matrix, width: int) -> np.ndarray:
    """The first right singular vectors, each as long as its singular value: float64 (I, width).

    Halko, Martinsson & Tropp, "Finding structure with randomness", SIAM Review 2011.
    """
    basis = np.random.default_rng(0).standard_normal((matrix.shape[1], width + OVERSAMPLING))
    for _ in range(NUM_POWERS):
        basis, _ = np.linalg.qr(matrix.T @ (matrix @ basis))
    _, strengths, directions = np.linalg.svd(matrix @ basis, full_matrices=False)
    return np.asarray(basis @ (directions.T * strengths))[:, :width]


def _vectors(tastes: np.ndarray, rows: np.ndarray) -> np.ndarray:
    inside = (rows >= 0) & (rows < len(tastes))
    return np.where(inside[:, None], tastes[np.where(inside, rows, 0)], 0)

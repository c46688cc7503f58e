"""Item vectors as directions. Knows nothing of what they stand for."""

import numpy as np

from penchant.records.errors import DataError


def unit_vectors(vectors: np.ndarray) -> np.ndarray:
    """Rows of length 1, float32 (I, D); a row of zeros stays.

    Raises: DataError for anything but a finite matrix.

    >>> unit_vectors(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    if vectors.ndim != 2 or not np.isfinite(vectors).all():
        raise DataError(
            f"Item vectors are a matrix (I, D) of finite numbers, found shape {vectors.shape}"
            f"{'' if np.isfinite(vectors).all() else ' with numbers that are not finite'}. Encode the items again."
        )
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    return (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)

"""Metrics of ranked lists, one value per case, from hits alone. They know neither scores nor systems.

Legend: C cases, k list length, I items. `hits` is bool (C, k), best rank first; `num_relevant` is int (C,), at least 1.
"""

import numpy as np


def ndcg(hits: np.ndarray, num_relevant: np.ndarray) -> np.ndarray:
    """Normalised discounted cumulative gain, float64 (C,), 0 to 1: binary gain, ideal list cut at k.

    Järvelin & Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002.

    >>> ndcg(np.array([[True, False], [False, False]]), np.array([1, 5])).tolist()
    [1.0, 0.0]
    """
    k = hits.shape[1]
    discounts = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.cumsum(discounts)[np.minimum(num_relevant, k) - 1]
    return np.asarray((hits * discounts).sum(axis=1) / ideal)


def recall(hits: np.ndarray, num_relevant: np.ndarray) -> np.ndarray:
    """Share of the relevant items that the list holds, float64 (C,), 0 to 1.

    >>> recall(np.array([[True, False, True]]), np.array([4])).tolist()
    [0.5]
    """
    return np.asarray(hits.sum(axis=1) / num_relevant)


def mrr(hits: np.ndarray) -> np.ndarray:
    """One over the rank of the first hit, float64 (C,); 0 without a hit.

    >>> mrr(np.array([[False, True, True], [False, False, False]])).tolist()
    [0.5, 0.0]
    """
    return np.where(hits.any(axis=1), 1 / (hits.argmax(axis=1) + 1), 0.0)


def coverage(lists: np.ndarray, num_items: int) -> float:
    """Share of the catalogue that stands in any of the lists, 0 to 1. `lists`: item rows (C, k), -1 fills.

    >>> coverage(np.array([[0, 1], [1, -1]]), num_items=8)
    0.25
    """
    return len(np.unique(lists[lists >= 0])) / num_items

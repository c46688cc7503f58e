"""Queries that an index is tried with when it is built, and what it should have found: so that its dials follow the vectors."""

import numpy as np

from penchant.retrieval.index.exact import search_rows

NUM_QUERIES = 400
LENGTH = 10


def trial(vectors: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Queries, float32 (400, D), and the rows nearest to each, int64 (400, 10), -1 where there are fewer.

    Half of the queries are vectors (I, D) themselves, I > 0; each is too easy to find, so the second to the eleventh count. The
    other half lie between two vectors, as the interests of a person may.
    """
    random = np.random.default_rng(seed)
    ends = vectors[random.integers(len(vectors), size=(NUM_QUERIES, 2))]
    queries = np.concatenate([ends[: NUM_QUERIES // 2, 0], ends[NUM_QUERIES // 2 :].mean(axis=1)])
    rows, _ = search_rows(vectors, queries, LENGTH + 1)
    return queries, rows[:, 1:]

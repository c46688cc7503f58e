import numpy as np

from contracts.index_contract import clustered
from penchant.retrieval.index.trial import LENGTH, NUM_QUERIES, trial


def test_a_row_is_asked_for_its_neighbours_without_itself() -> None:
    vectors = clustered(500, 16)
    queries, rows = trial(vectors)
    assert queries.shape == (NUM_QUERIES, 16)
    assert rows.shape == (NUM_QUERIES, LENGTH)
    for query, found in zip(queries[: NUM_QUERIES // 2], rows, strict=False):
        itself = int(np.flatnonzero((vectors == query).all(axis=1))[0])
        assert itself not in found
        assert found.tolist() == np.argsort(-(vectors @ query))[1 : LENGTH + 1].tolist()


def test_the_other_half_lies_between_rows() -> None:
    vectors = np.eye(4, dtype=np.float32)
    queries, rows = trial(vectors)
    assert set(map(tuple, queries[NUM_QUERIES // 2 :])) <= {tuple((a + b) / 2) for a in vectors for b in vectors}
    assert (rows[:, 3:] == -1).all()


def test_a_seed_gives_other_queries() -> None:
    vectors = clustered(500, 16)
    assert not np.array_equal(trial(vectors, seed=0)[0], trial(vectors, seed=1)[0])

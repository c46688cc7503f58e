"""What every index of vectors promises. A test class inherits this and names the class of the index."""

import json
import multiprocessing
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from penchant.records.errors import ArtifactError, DataError
from penchant.retrieval.index.index import HEAD, Index

NUM_ROWS, WIDTH = 4000, 24


def clustered(num_rows: int, width: int, seed: int = 0) -> np.ndarray:
    """Unit vectors around one centre for each 50 rows, float32 (num_rows, width)."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((max(1, num_rows // 50), width))
    vectors = centres[random.integers(len(centres), size=num_rows)] + 0.6 * random.standard_normal((num_rows, width))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def asked(vectors: np.ndarray, count: int = 50) -> np.ndarray:
    """Queries near rows, float32 (count, width)."""
    random = np.random.default_rng(1)
    near = vectors[random.integers(len(vectors), size=count)]
    return (near + 0.1 * random.standard_normal(near.shape)).astype(np.float32)


def brute_force(vectors: np.ndarray, queries: np.ndarray, k: int, allowed: np.ndarray | None = None) -> np.ndarray:
    """The best rows, by sorting all of them, int64 (B, k)."""
    scores = queries.astype(np.float64) @ vectors.T.astype(np.float64)
    if allowed is not None:
        scores[:, ~allowed] = -np.inf
    return np.argsort(-scores, axis=1, kind="stable")[:, :k]


def recall(found: np.ndarray, best: np.ndarray) -> float:
    """The share of the best that was found."""
    return float(np.mean([len(set(some) & set(all_)) / len(all_) for some, all_ in zip(found, best, strict=True)]))


class IndexContract:
    """`index_class`; `least`: recall@10 that it has to reach, 1 for one that looks at everything."""

    index_class: ClassVar[Any]
    least: ClassVar[float] = 1.0

    def build(self, vectors: np.ndarray) -> Index:
        index = self.index_class.build(vectors)
        assert isinstance(index, Index)
        return index

    def test_finds_what_sorting_all_scores_finds(self) -> None:
        vectors = clustered(NUM_ROWS, WIDTH)
        queries = asked(vectors)
        rows, scores = self.build(vectors).search(queries, 10)
        assert rows.dtype == np.int64
        assert scores.dtype == np.float32
        assert recall(rows, brute_force(vectors, queries, 10)) >= self.least
        np.testing.assert_allclose(scores, (vectors[rows] * queries[:, None]).sum(axis=2), rtol=1e-5, atol=1e-6)
        assert (np.diff(scores, axis=1) <= 0).all()

    @pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
    def test_filters_cost_no_recall(self, share: float) -> None:
        vectors = clustered(NUM_ROWS, WIDTH)
        allowed = np.random.default_rng(2).random(NUM_ROWS) < share
        queries = asked(vectors)
        rows, _ = self.build(vectors).search(queries, 10, allowed)
        assert allowed[rows].all()
        assert recall(rows, brute_force(vectors, queries, 10, allowed)) >= self.least

    def test_a_filter_far_from_the_query_costs_no_recall(self) -> None:
        vectors = clustered(NUM_ROWS, WIDTH)
        allowed = vectors[:, 0] < -0.2
        queries = asked(vectors[vectors[:, 0] > 0.2])
        rows, _ = self.build(vectors).search(queries, 10, allowed)
        assert allowed[rows].all()
        assert recall(rows, brute_force(vectors, queries, 10, allowed)) >= self.least

    def test_a_filter_is_a_mask_or_rows(self) -> None:
        vectors = clustered(NUM_ROWS, WIDTH)
        index, queries = self.build(vectors), asked(vectors)
        some = np.array([5, 3, 3000, 17])
        mask = np.isin(np.arange(NUM_ROWS), some)
        by_rows, by_mask = index.search(queries, 6, some), index.search(queries, 6, mask)
        np.testing.assert_array_equal(by_rows[0], by_mask[0])
        np.testing.assert_array_equal(by_rows[0][:, :4], brute_force(vectors, queries, 4, mask))
        assert (by_rows[0][:, 4:] == -1).all()
        assert np.isneginf(by_rows[1][:, 4:]).all()

    def test_nothing_allowed_finds_nothing(self) -> None:
        vectors = clustered(100, WIDTH)
        rows, scores = self.build(vectors).search(vectors[:3], 2, np.zeros(100, bool))
        assert (rows == -1).all()
        assert np.isneginf(scores).all()
        assert (self.build(vectors).search(vectors[:3], 2, np.array([], np.int64))[0] == -1).all()

    def test_longer_lists_than_there_are_rows_end_in_nothing(self) -> None:
        vectors = clustered(7, WIDTH)
        rows, _ = self.build(vectors).search(vectors[:2], 9)
        np.testing.assert_array_equal(np.sort(rows[:, :7]), [range(7)] * 2)
        assert (rows[:, 7:] == -1).all()

    def test_empty_one_and_none_asked(self, tmp_path: Path) -> None:
        empty = self.build(np.empty((0, WIDTH), np.float32))
        assert (empty.search(np.ones((2, WIDTH)), 3)[0] == -1).all()
        empty.save(tmp_path / "empty")
        later = self.index_class.load(tmp_path / "empty")
        later.add(clustered(1, WIDTH))
        assert later.search(np.ones((1, WIDTH)), 2)[0].tolist() == [[0, -1]]
        assert self.build(clustered(1, WIDTH)).search(np.ones((1, WIDTH)), 1)[0].tolist() == [[0]]
        assert self.build(clustered(9, WIDTH)).search(np.empty((0, WIDTH)), 3)[0].shape == (0, 3)

    def test_equal_scores_stand_by_row(self) -> None:
        vectors = np.tile(np.eye(4, 8, dtype=np.float32), (10, 1))
        rows, scores = self.build(vectors).search(np.eye(2, 8), 12)
        assert rows[0, :10].tolist() == list(range(0, 40, 4))
        assert rows[1, :10].tolist() == list(range(1, 40, 4))
        assert scores[0].tolist() == [1.0] * 10 + [0.0] * 2

    def test_many_rows_without_a_text_hide_no_others(self) -> None:
        vectors = clustered(NUM_ROWS, WIDTH)
        vectors[::3] = 0
        queries = asked(vectors[1::3])
        rows, _ = self.build(vectors).search(queries, 10)
        assert recall(rows, brute_force(vectors, queries, 10)) >= self.least

    def test_longer_lists_are_as_good(self) -> None:
        vectors = clustered(NUM_ROWS, WIDTH)
        queries = asked(vectors)
        rows, _ = self.build(vectors).search(queries, 200)
        assert recall(rows, brute_force(vectors, queries, 200)) >= self.least

    def test_a_query_alone_gets_what_it_gets_in_a_crowd(self) -> None:
        vectors = clustered(NUM_ROWS, WIDTH)
        index, queries = self.build(vectors), asked(vectors, 200)
        alone = np.concatenate([index.search(query[None], 10)[0] for query in queries])
        np.testing.assert_array_equal(alone, index.search(queries, 10)[0])

    def test_builds_repeat_themselves(self) -> None:
        vectors = clustered(NUM_ROWS, WIDTH)
        first, second = (self.build(vectors).search(asked(vectors), 10) for _ in range(2))
        np.testing.assert_array_equal(first[0], second[0])
        np.testing.assert_array_equal(first[1], second[1])

    def test_the_numbers_of_the_caller_stay_the_callers(self) -> None:
        vectors = clustered(200, WIDTH)
        kept = vectors.copy()
        index = self.build(vectors)
        index.replace(np.array([3]), -vectors[[3]])
        np.testing.assert_array_equal(vectors, kept)
        vectors[:] = 0
        assert index.search(kept[[5]], 1)[0].tolist() == [[5]]

    def test_double_and_half_precision_are_taken(self) -> None:
        vectors = clustered(NUM_ROWS, WIDTH)
        queries = asked(vectors)
        expected = self.build(vectors).search(queries, 10)[0]
        np.testing.assert_array_equal(self.build(vectors.astype(np.float64)).search(queries, 10)[0], expected)
        np.testing.assert_array_equal(self.build(vectors).search(queries.astype(np.float64), 10)[0], expected)
        halves = self.build(vectors.astype(np.float16)).search(queries.astype(np.float16), 10)[0]
        assert recall(halves, expected) > 0.95

    def test_what_is_not_finite_is_refused(self) -> None:
        vectors = clustered(20, WIDTH)
        index = self.build(vectors)
        vectors[4, 2] = np.nan
        with pytest.raises(DataError, match=r"Vectors are finite.* row 4 is not \(1 in all\).* Check the encoder"):
            self.build(vectors)
        with pytest.raises(DataError, match="Vectors are finite"):
            self.build(np.full((2, WIDTH), 1e300))
        with pytest.raises(DataError, match="Queries are finite"):
            index.search(vectors, 3)
        with pytest.raises(DataError, match="Vectors are finite"):
            index.add(vectors)
        with pytest.raises(DataError, match="Vectors are finite"):
            index.replace(np.array([0]), vectors[[4]])

    def test_what_has_another_shape_is_refused(self) -> None:
        index = self.build(clustered(20, WIDTH))
        with pytest.raises(DataError, match=r"Vectors are floats of shape \(n, width\), found int64 \(2, 3\)"):
            self.build(np.ones((2, 3), np.int64))
        with pytest.raises(DataError, match=rf"Queries are floats of shape \(n, {WIDTH}\), found float64 \(2, 3\)"):
            index.search(np.ones((2, 3)), 3)
        with pytest.raises(DataError, match="1 row or more, found k=0"):
            index.search(np.ones((1, WIDTH)), 0)
        with pytest.raises(DataError, match="mask says of each of the 20 rows"):
            index.search(np.ones((1, WIDTH)), 1, np.ones(19, bool))
        with pytest.raises(DataError, match="whole numbers from 0 to 19, found int64 "):
            index.search(np.ones((1, WIDTH)), 1, np.array([0, 20]))
        with pytest.raises(DataError, match=r"Each row comes once.* found 2 rows, 1 different"):
            index.replace(np.array([1, 1]), np.ones((2, WIDTH)))

    def test_rows_are_added_removed_and_replaced(self) -> None:
        vectors = clustered(NUM_ROWS, WIDTH)
        index, queries = self.build(vectors[:3000]), asked(vectors)
        index.add(vectors[3000:])
        assert len(index) == NUM_ROWS
        assert recall(index.search(queries, 10)[0], brute_force(vectors, queries, 10)) >= self.least
        gone = np.arange(0, NUM_ROWS, 3)
        index.remove(gone)
        allowed = ~np.isin(np.arange(NUM_ROWS), gone)
        rows, _ = index.search(queries, 10)
        assert allowed[rows].all()
        assert recall(rows, brute_force(vectors, queries, 10, allowed)) >= self.least
        changed = vectors.copy()
        changed[gone] = clustered(len(gone), WIDTH, seed=9)
        index.replace(gone, changed[gone])
        queries = asked(changed[gone])
        assert recall(index.search(queries, 10)[0], brute_force(changed, queries, 10)) >= self.least

    def test_every_row_may_go(self) -> None:
        vectors = clustered(60, WIDTH)
        index = self.build(vectors)
        index.remove(np.arange(60))
        assert (index.search(vectors[:2], 3)[0] == -1).all()
        index.add(vectors[:1])
        assert index.search(vectors[:1], 3)[0].tolist() == [[60, -1, -1]]

    def test_saved_and_loaded_it_is_equal_and_changes_stay_in_memory(self, tmp_path: Path) -> None:
        vectors = clustered(NUM_ROWS, WIDTH)
        index, queries = self.build(vectors), asked(vectors)
        index.add(clustered(30, WIDTH, seed=5))
        index.remove(np.array([1, 7]))
        index.save(tmp_path / "index")
        expected = index.search(queries, 10)
        loaded = self.index_class.load(tmp_path / "index")
        assert len(loaded) == NUM_ROWS + 30
        for found, wanted in zip(loaded.search(queries, 10), expected, strict=True):
            np.testing.assert_array_equal(found, wanted)
        loaded.remove(expected[0][:, 0])
        loaded.replace(np.array([2]), -vectors[[2]])
        loaded.add(vectors[:5])
        assert not np.array_equal(loaded.search(queries, 10)[0], expected[0])
        again = self.index_class.load(tmp_path / "index")
        np.testing.assert_array_equal(again.search(queries, 10)[0], expected[0])
        loaded.save(tmp_path / "index")
        changed = self.index_class.load(tmp_path / "index")
        np.testing.assert_array_equal(changed.search(queries, 10)[0], loaded.search(queries, 10)[0])

    def test_two_processes_read_one_folder(self, tmp_path: Path) -> None:
        vectors = clustered(500, WIDTH)
        index = self.build(vectors)
        index.save(tmp_path / "index")
        context = multiprocessing.get_context("spawn")
        with context.Pool(2) as pool:
            found = pool.starmap(_rows_found, [(self.index_class, tmp_path / "index", vectors[:20])] * 2, chunksize=1)
        for rows in found:
            np.testing.assert_array_equal(rows, index.search(vectors[:20], 10)[0])

    def test_a_damaged_folder_is_refused(self, tmp_path: Path) -> None:
        self.build(clustered(300, WIDTH)).save(tmp_path / "index")
        for path in sorted((tmp_path / "index").glob("[!m]*")):
            whole = path.read_bytes()
            path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
            with pytest.raises(ArtifactError, match="does not match the hash"):
                self.index_class.load(tmp_path / "index")
            path.write_bytes(whole)
        assert len(self.index_class.load(tmp_path / "index")) == 300

    def test_a_folder_of_another_kind_is_refused(self, tmp_path: Path) -> None:
        self.build(clustered(30, WIDTH)).save(tmp_path / "index")
        assert json.loads((tmp_path / "index" / HEAD).read_text())["index"] == self.index_class.__name__
        other = type("Other", (self.index_class,), {})
        with pytest.raises(ArtifactError, match=f"must hold a Other, found '{self.index_class.__name__}'"):
            other.load(tmp_path / "index")
        with pytest.raises(ArtifactError, match="no manifest"):
            self.index_class.load(tmp_path / "nothing")


def _rows_found(index_class: Any, folder: Path, queries: np.ndarray) -> np.ndarray:
    return index_class.load(folder).search(queries, 10)[0]

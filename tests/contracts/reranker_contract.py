"""What every re-ranker promises. A test class inherits this and gives `make` and what more strength is to bring."""

from typing import ClassVar

import numpy as np
import pytest

from penchant.ranking.rerank.reranker import Candidates, Reranker

NUM_ITEMS, NUM_CATEGORIES = 60, 4
RNG = np.random.default_rng(7)
CATEGORIES = np.eye(NUM_CATEGORIES)[RNG.integers(NUM_CATEGORIES, size=NUM_ITEMS)]
VECTORS = (np.hstack([3 * CATEGORIES, RNG.normal(size=(NUM_ITEMS, 12))])).astype(np.float32)
NUM_EVENTS = RNG.integers(0, 500, NUM_ITEMS)
FRESH = NUM_EVENTS < 60


def some_candidates(people: int = 30, num: int = 40, seed: int = 0, dtype: type = np.float32) -> Candidates:
    """Distinct items, better ones first, scores on a scale of their own; what is popular and of category 0 stands high."""
    rng = np.random.default_rng(seed)
    liking = rng.normal(size=(people, NUM_ITEMS)) + 0.004 * NUM_EVENTS + CATEGORIES[:, 0]
    rows = np.argsort(-liking, axis=1)[:, :num]
    scores = 100 + 7 * np.take_along_axis(liking, rows, 1)
    mixes = np.tile([0.1, 0.2, 0.3, 0.4], (people, 1))
    return Candidates(item_rows=rows.astype(np.int32), scores=scores.astype(dtype), mixes=mixes, content=-scores)


class RerankerContract:
    """Subclasses define `make(strength)` and `measure`; `strengths` rise from what leaves the order as it is."""

    strengths: ClassVar[tuple[float, ...]] = (0.0, 0.1, 0.3, 0.6, 0.9)

    def make(self, strength: float) -> Reranker:
        raise NotImplementedError

    def measure(self, lists: np.ndarray, candidates: Candidates) -> float:
        """What more strength is to bring, the more the better, of item rows (B, k)."""
        raise NotImplementedError

    @property
    def strongest(self) -> Reranker:
        return self.make(self.strengths[-1])

    @pytest.mark.parametrize("k", [0, 1, 7, 40, 50])
    def test_positions_each_once_and_filled_up_to_k(self, k: int) -> None:
        order = self.strongest.rerank(some_candidates(), k)
        assert order.shape == (30, k)
        assert order.dtype == np.int64
        for positions in order:
            assert (positions[: min(k, 40)] >= 0).all()
            assert (positions[40:] == -1).all()
            assert len(set(positions[:40].tolist())) == min(k, 40)

    @pytest.mark.parametrize("seed", [0, 1, 2])
    def test_without_strength_the_order_is_the_given_one(self, seed: int) -> None:
        order = self.make(self.strengths[0]).rerank(some_candidates(seed=seed), 10)
        assert (order == np.arange(10)).all()

    def test_more_strength_brings_no_less_of_what_it_is_for(self) -> None:
        candidates = some_candidates(300)
        found = [
            self.measure(candidates.at(self.make(strength).rerank(candidates, 10)), candidates)
            for strength in self.strengths
        ]
        assert np.diff(found).min() >= 0
        assert found[-1] > found[0]

    def test_a_longer_list_begins_with_the_shorter_one(self) -> None:
        candidates = some_candidates()
        np.testing.assert_array_equal(
            self.strongest.rerank(candidates, 12)[:, :5], self.strongest.rerank(candidates, 5)
        )

    def test_equal_candidates_keep_their_order(self) -> None:
        rows = np.full((2, 40), 3, np.int32)
        same = Candidates(item_rows=rows, scores=np.ones((2, 40)), mixes=np.full((2, NUM_CATEGORIES), 0.25))
        for strength in self.strengths:
            assert self.make(strength).rerank(same, 40).tolist() == [list(range(40))] * 2

    def test_single_and_double_precision_agree(self) -> None:
        single, double = (some_candidates(dtype=kind) for kind in (np.float32, np.float64))
        np.testing.assert_array_equal(self.strongest.rerank(single, 10), self.strongest.rerank(double, 10))

    def test_a_person_alone_gets_what_the_person_gets_in_a_crowd(self) -> None:
        candidates = some_candidates(200)
        crowd = self.strongest.rerank(candidates, 10)
        for person in (0, 70, 199):
            alone = self.strongest.rerank(candidates.part(slice(person, person + 1)), 10)
            np.testing.assert_array_equal(alone[0], crowd[person])

    def test_it_repeats_and_leaves_what_it_is_given_alone(self) -> None:
        candidates = some_candidates()
        rows, scores, reranker = candidates.item_rows.copy(), candidates.scores.copy(), self.strongest
        np.testing.assert_array_equal(reranker.rerank(candidates, 10), reranker.rerank(candidates, 10))
        np.testing.assert_array_equal(candidates.item_rows, rows)
        np.testing.assert_array_equal(candidates.scores, scores)

    def test_no_people_no_candidates_one_candidate(self) -> None:
        none = some_candidates().part(slice(0, 0))
        assert self.strongest.rerank(none, 3).shape == (0, 3)
        empty = Candidates(item_rows=np.zeros((2, 0), np.int32), scores=np.zeros((2, 0)), mixes=np.zeros((2, 4)))
        assert self.strongest.rerank(empty, 3).tolist() == [[-1, -1, -1]] * 2
        one = Candidates(item_rows=np.array([[5]]), scores=np.array([[2.0]]), mixes=np.zeros((1, 4)))
        assert self.strongest.rerank(one, 3).tolist() == [[0, -1, -1]]

    def test_what_is_no_candidate_is_never_listed_and_changes_nothing(self) -> None:
        full = some_candidates()
        gaps = np.array([0, 3, 20, 41])
        padded = Candidates(
            item_rows=np.insert(full.item_rows, gaps[:3], [-1, 9, 9], axis=1),
            scores=np.insert(full.scores, gaps[:3], [1e9, np.nan, -np.inf], axis=1),
            mixes=full.mixes,
            content=np.insert(full.content, gaps[:3], 1e9, axis=1),
        )
        order = self.strongest.rerank(padded, 43)
        assert (order[:, 40:] == -1).all()
        np.testing.assert_array_equal(padded.at(order[:, :40]), full.at(self.strongest.rerank(full, 40)))

from itertools import permutations

import numpy as np
import pytest

from contracts.reranker_contract import CATEGORIES, RerankerContract, some_candidates
from penchant.evaluation.diversity import divergence_from_mix
from penchant.ranking.rerank.calibrated import Calibrated
from penchant.ranking.rerank.reranker import Candidates
from penchant.records.errors import ConfigError, DataError


class TestCalibrated(RerankerContract):
    def make(self, strength: float) -> Calibrated:
        return Calibrated(CATEGORIES, strength)

    def measure(self, lists: np.ndarray, candidates: Candidates) -> float:
        assert candidates.mixes is not None
        return -float(divergence_from_mix(lists, CATEGORIES, candidates.mixes).mean())


def test_seven_of_ten_and_three_of_ten() -> None:
    """Steck's example: 70% romance and 30% action watched, romance scored above all action."""
    categories = np.repeat(np.eye(2), 10, axis=0)
    candidates = Candidates(
        item_rows=np.arange(20)[None], scores=np.arange(20.0)[None, ::-1], mixes=np.array([[0.7, 0.3]])
    )
    order = Calibrated(categories, 0.99).rerank(candidates, 10)[0]
    assert (order < 10).sum() == 7
    assert sorted(order.tolist()) == [0, 1, 2, 3, 4, 5, 6, 10, 11, 12]
    assert (Calibrated(categories, 0).rerank(candidates, 10) == np.arange(10)).all()


def test_each_choice_lowers_the_objective_of_the_paper_most() -> None:
    candidates = some_candidates(8, 15)
    found = Calibrated(CATEGORIES, 0.6).rerank(candidates, 5)
    assert candidates.mixes is not None
    for rows, scores, mix, positions in zip(
        candidates.item_rows, candidates.scores, candidates.mixes, found, strict=True
    ):
        score = (scores - scores.min()) / (scores.max() - scores.min())
        for place, picked in enumerate(positions):
            before = positions[:place].tolist()
            values = [
                0.4 * score[c] - 0.6 * divergence_from_mix(rows[None, [*before, c]], CATEGORIES, mix[None])[0]
                if c not in before
                else -np.inf
                for c in range(15)
            ]
            assert values[picked] == pytest.approx(max(values), abs=1e-5)


def test_near_the_best_of_all_lists() -> None:
    candidates = some_candidates(5, 6)
    assert candidates.mixes is not None
    lists = candidates.at(Calibrated(CATEGORIES, 1).rerank(candidates, 4))
    found = divergence_from_mix(lists, CATEGORIES, candidates.mixes)
    for rows, mix, value in zip(candidates.item_rows, candidates.mixes, found, strict=True):
        every = np.array([list(some) for some in permutations(rows, 4)])
        best = divergence_from_mix(every, CATEGORIES, np.tile(mix, (len(every), 1))).min()
        assert value <= best + 0.2


def test_whose_mix_is_not_known_keeps_the_order() -> None:
    given = some_candidates()
    candidates = Candidates(item_rows=given.item_rows, scores=given.scores, mixes=np.zeros((30, 4)))
    assert (Calibrated(CATEGORIES, 0.5).rerank(candidates, 10) == np.arange(10)).all()


@pytest.mark.parametrize(("mixes", "found"), [(None, "found none"), (np.zeros((1, 3)), "found mixes of 3")])
def test_mixes_are_needed(mixes: np.ndarray | None, found: str) -> None:
    candidates = Candidates(item_rows=np.array([[1]]), scores=np.array([[1.0]]), mixes=mixes)
    with pytest.raises(DataError, match=f"mix of 4 categories, {found}"):
        Calibrated(CATEGORIES).rerank(candidates, 1)


def test_a_strength_outside_is_refused() -> None:
    with pytest.raises(ConfigError, match="strength must be a number of at least 0 and of at most 1, found -1"):
        Calibrated(CATEGORIES, -1)

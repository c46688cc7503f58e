import numpy as np
import pytest

from contracts.reranker_contract import VECTORS, RerankerContract, some_candidates
from penchant.evaluation.diversity import intra_list_distance
from penchant.ranking.rerank.mmr import MMR
from penchant.ranking.rerank.reranker import Candidates
from penchant.records.errors import ConfigError


class TestMMR(RerankerContract):
    strengths = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)

    def make(self, strength: float) -> MMR:
        return MMR(VECTORS, strength)

    def measure(self, lists: np.ndarray, candidates: Candidates) -> float:
        return float(intra_list_distance(lists, VECTORS).mean())


def test_equals_the_definition_item_by_item() -> None:
    candidates = some_candidates(12, 25)
    found = MMR(VECTORS, 0.4).rerank(candidates, 8)
    units = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    for rows, scores, positions in zip(candidates.item_rows, candidates.scores, found, strict=True):
        score = (scores - scores.min()) / (scores.max() - scores.min())
        chosen: list[int] = []
        for _ in range(8):
            near = [max([0.0, *(float(units[rows[c]] @ units[rows[d]]) for d in chosen)]) for c in range(25)]
            gains = [0.6 * score[c] - 0.4 * near[c] if c not in chosen else -np.inf for c in range(25)]
            chosen.append(int(np.argmax(gains)))
        assert positions.tolist() == chosen


def test_a_twin_falls_behind_and_the_opposite_counts_as_unrelated() -> None:
    vectors = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    candidates = Candidates(item_rows=np.array([[0, 1, 2, 3]]), scores=np.array([[4.0, 3.9, 2.0, 1.0]]))
    # After item 0: twin .5 * .967 - .5, across .5 * .333, opposite .5 * 0.
    assert MMR(vectors, 0.5).rerank(candidates, 4).tolist() == [[0, 2, 3, 1]]


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan")])
def test_a_strength_outside_is_refused(strength: float) -> None:
    with pytest.raises(ConfigError, match="strength must be a number of at least 0 and of at most 1"):
        MMR(VECTORS, strength)

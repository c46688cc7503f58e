import numpy as np
import pytest

from contracts.reranker_contract import VECTORS, RerankerContract, some_candidates
from penchant.ranking.rerank.dpp import DPP
from penchant.ranking.rerank.reranker import Candidates, unit_scores
from penchant.records.errors import ConfigError

UNITS = VECTORS.astype(np.float64) / np.linalg.norm(VECTORS, axis=1, keepdims=True)


class TestDPP(RerankerContract):
    def make(self, strength: float) -> DPP:
        return DPP(VECTORS, strength)

    def measure(self, lists: np.ndarray, candidates: Candidates) -> float:
        """Log volume of what the list spans."""
        own = UNITS[lists]
        return float(np.linalg.slogdet(own @ own.transpose(0, 2, 1) + 1e-6 * np.eye(lists.shape[1]))[1].mean())


@pytest.mark.parametrize("strength", [0.2, 0.5])
def test_each_choice_has_the_largest_determinant_of_the_kernel(strength: float) -> None:
    candidates = some_candidates(10, 20)
    found = DPP(VECTORS, strength).rerank(candidates, 6)
    quality = np.exp(unit_scores(candidates) * (1 - strength) / (2 * strength))
    for rows, q, positions in zip(candidates.item_rows, quality, found, strict=True):
        kernel = q[:, None] * (UNITS[rows] @ UNITS[rows].T) * q
        for place, picked in enumerate(positions):
            before = positions[:place].tolist()
            volumes = [
                np.linalg.det(kernel[np.ix_([*before, c], [*before, c])]) if c not in before else -1 for c in range(20)
            ]
            assert picked == int(np.argmax(volumes))


def test_where_nothing_new_is_left_to_span_the_scores_decide() -> None:
    vectors = np.array([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0], [0.5, 0.5], [1.0, -1.0]])
    candidates = Candidates(item_rows=np.arange(5)[None], scores=np.array([[5.0, 4.0, 3.0, 2.0, 1.0]]))
    assert DPP(vectors, 0.6).rerank(candidates, 5).tolist() == [[0, 2, 1, 3, 4]]


def test_an_item_of_which_nothing_is_known_spans_nothing() -> None:
    vectors = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]])
    candidates = Candidates(item_rows=np.arange(3)[None], scores=np.array([[3.0, 2.0, 1.0]]))
    assert DPP(vectors, 0.5).rerank(candidates, 3).tolist() == [[0, 2, 1]]


def test_a_strength_outside_is_refused() -> None:
    with pytest.raises(ConfigError, match="strength must be a number of at least 0 and of at most 1, found 2"):
        DPP(VECTORS, 2)

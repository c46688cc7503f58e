import numpy as np
import pytest
from scipy.special import ndtri

from contracts.reranker_contract import NUM_EVENTS, RerankerContract
from penchant.ranking.rerank.damp import Damped
from penchant.ranking.rerank.reranker import Candidates
from penchant.records.errors import ConfigError, DataError


class TestDamped(RerankerContract):
    strengths = (0.0, 0.2, 0.5, 1.0, 3.0)

    def make(self, strength: float) -> Damped:
        return Damped(NUM_EVENTS, strength)

    def measure(self, lists: np.ndarray, candidates: Candidates) -> float:
        return -float(np.log1p(NUM_EVENTS[lists]).mean())


def test_the_price_of_a_deviation() -> None:
    """log(1 + n) = 0 and 2: deviations -1 and 1. Normal scores of two: -q and q, with q = the quantile of 3/4."""
    candidates = Candidates(item_rows=np.array([[1, 0]]), scores=np.array([[9.0, 8.0]]))
    num_events, turn = np.array([0, np.e**2 - 1]), ndtri(0.75)
    assert Damped(num_events, turn - 0.01).rerank(candidates, 2).tolist() == [[0, 1]]
    assert Damped(num_events, turn + 0.01).rerank(candidates, 2).tolist() == [[1, 0]]


def test_the_scale_of_the_scores_does_not_matter() -> None:
    rows, scores = np.arange(20)[None], np.linspace(3, -3, 20)[None]
    usual, other = (
        Damped(NUM_EVENTS, 0.5).rerank(Candidates(item_rows=rows, scores=s), 20) for s in (scores, np.exp(5 * scores))
    )
    np.testing.assert_array_equal(usual, other)


def test_where_all_are_equally_popular_nothing_changes() -> None:
    candidates = Candidates(item_rows=np.array([[2, 0, 1]]), scores=np.array([[3.0, 2.0, 1.0]]))
    assert Damped(np.full(3, 7), 5).rerank(candidates, 3).tolist() == [[0, 1, 2]]


def test_nonsense_is_refused() -> None:
    with pytest.raises(ConfigError, match="strength must be a number of at least 0, found -1"):
        Damped(NUM_EVENTS, -1)
    with pytest.raises(DataError, match="one finite number of at least 0 for each item"):
        Damped(np.array([1, -1]))

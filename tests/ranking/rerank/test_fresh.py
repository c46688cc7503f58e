import numpy as np
import pytest

from contracts.reranker_contract import FRESH, RerankerContract, some_candidates
from penchant.evaluation.diversity import share
from penchant.ranking.rerank.fresh import Fresh, fresh_items
from penchant.ranking.rerank.reranker import Candidates
from penchant.records.errors import ConfigError, DataError


class TestFresh(RerankerContract):
    strengths = (0.0, 0.1, 0.2, 0.4)

    def make(self, strength: float) -> Fresh:
        return Fresh(FRESH, strength)

    def measure(self, lists: np.ndarray, candidates: Candidates) -> float:
        return float(share(lists, FRESH).mean())


def places(
    share: float, content: np.ndarray | None, fresh: list[int], num: int = 8, k: int = 5, first: int | None = None
) -> list[int]:
    mask = np.zeros(num, bool)
    mask[fresh] = True
    candidates = Candidates(item_rows=np.arange(num)[None], scores=np.arange(num, 0, -1.0)[None], content=content)
    return Fresh(mask, share, first).rerank(candidates, k)[0].tolist()


def test_a_place_falls_due_where_the_share_of_the_prefix_reaches_a_whole_number() -> None:
    assert places(0.2, None, [6, 7]) == [0, 1, 2, 3, 6]
    assert places(0.4, None, [6, 7]) == [0, 1, 6, 2, 7]
    assert places(1.0, None, [6, 7]) == [6, 7, 0, 1, 2]  # then there are no more


def test_the_first_may_be_due_earlier_and_the_others_follow_at_the_same_distance() -> None:
    assert places(0.4, None, [6, 7], first=1) == [6, 0, 1, 7, 2]
    assert places(0.4, None, [6, 7], first=2) == [0, 6, 1, 2, 7]
    assert places(0.4, None, [0, 7], first=1) == [0, 1, 2, 7, 3]  # what stands there anyway counts


def test_what_is_due_comes_by_content() -> None:
    content = np.array([[9, 9, 9, 9, 9, 1, np.nan, 3]])
    assert places(0.6, content, [5, 6, 7]) == [0, 7, 1, 5, 6]


def test_fresh_items_that_stand_high_anyway_count() -> None:
    assert places(0.2, None, [0, 7]) == [0, 1, 2, 3, 4]


def test_every_prefix_has_its_share_while_fresh_ones_last() -> None:
    candidates = some_candidates(100)
    lists = candidates.at(Fresh(FRESH, 0.3).rerank(candidates, 10))
    available = FRESH[candidates.item_rows].sum(axis=1)
    for length in range(1, 11):
        wanted = np.minimum(int(0.3 * length + 1e-9), available)
        assert (FRESH[lists[:, :length]].sum(axis=1) >= wanted).all()


def test_fresh_by_age_by_events_or_by_either() -> None:
    ages, num_events = np.array([1.0, 9.0, np.nan]), np.array([50, 2, 50])
    assert fresh_items(num_events=num_events, fewer_than=3).tolist() == [False, True, False]
    assert fresh_items(ages=ages, younger_than=2, num_events=num_events, fewer_than=3).tolist() == [True, True, False]


def test_nonsense_is_refused() -> None:
    with pytest.raises(ConfigError, match="Nothing says what is fresh"):
        fresh_items()
    with pytest.raises(ConfigError, match="Fresh by age needs both the facts and the limit"):
        fresh_items(younger_than=3)
    with pytest.raises(ConfigError, match=r"share must be a number of at least 0 and of at most 1, found 1\.5"):
        Fresh(FRESH, 1.5)
    with pytest.raises(ConfigError, match=r"first must be a whole number of at least 1 and of at most 5, found 6"):
        Fresh(FRESH, 0.2, first=6)
    with pytest.raises(DataError, match=r"Fresh items are a mask bool \(I,\), found int64 \(2,\)"):
        Fresh(np.array([0, 1]))

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.reranker_contract import CATEGORIES, NUM_ITEMS, RerankerContract, some_candidates
from penchant.ranking.rerank.reranker import Candidates
from penchant.ranking.rerank.rules import Cap, Rules, groups_of
from penchant.records.errors import ConfigError, DataError

SELLERS = np.array([0, 0, 0, 1, 1, 2, -1, -1])


def one(num: int = 8) -> Candidates:
    """A person whose candidate at position c is item c."""
    return Candidates(item_rows=np.arange(num)[None], scores=np.arange(num, 0, -1.0)[None])


GROUPS_OF_THREE = np.arange(NUM_ITEMS) % 20


class TestRules(RerankerContract):
    """Strength: how many of three in a group are too many. A list may end early, and does with the strongest."""

    strengths = (0.0, 1.0, 2.0)

    def make(self, strength: float) -> Rules:
        return Rules(caps=[Cap(name="group", groups=GROUPS_OF_THREE, limits=3 - int(strength))])

    def measure(self, lists: np.ndarray, candidates: Candidates) -> float:
        """The fewer of a kind, the better; -1 where all are different."""
        return -float(np.mean([np.bincount(GROUPS_OF_THREE[rows]).max() for rows in lists]))

    @pytest.mark.parametrize("k", [0, 1, 7, 40, 50])
    def test_positions_each_once_and_filled_up_to_k(self, k: int) -> None:
        candidates = some_candidates()
        order = self.strongest.rerank(candidates, k)
        different = [len(set(GROUPS_OF_THREE[rows].tolist())) for rows in candidates.item_rows]
        assert order.shape == (30, k)
        assert (order >= 0).sum(axis=1).tolist() == [min(k, num) for num in different]

    def test_equal_candidates_keep_their_order(self) -> None:
        same = Candidates(item_rows=np.arange(6)[None], scores=np.ones((1, 6)))
        assert self.strongest.rerank(same, 6).tolist() == [[0, 1, 2, 3, 4, 5]]


def test_caps_count_each_group() -> None:
    cap = Cap(name="seller", groups=SELLERS, limits=1)
    assert Rules(caps=[cap]).rerank(one(), 5).tolist() == [[0, 3, 5, 6, 7]]
    limits = np.array([2, 0, 1])
    assert Rules(caps=[Cap(name="seller", groups=SELLERS, limits=limits)]).rerank(one(), 5).tolist() == [
        [0, 1, 5, 6, 7]
    ]


def test_an_item_of_several_groups_counts_in_all() -> None:
    genres = groups_of(np.array([[1, 1, 0], [1, 0, 0], [0, 1, 1], [0, 0, 1]]))
    assert Rules(caps=[Cap(name="genre", groups=genres, limits=1)]).rerank(one(4), 4).tolist() == [[0, 3, -1, -1]]


def test_what_is_not_allowed_is_never_shown() -> None:
    allowed = np.arange(8) % 2 == 1
    assert Rules(allowed=allowed).rerank(one(), 5).tolist() == [[1, 3, 5, 7, -1]]


def test_pins_stand_where_they_were_put_and_count_in_the_caps() -> None:
    assert Rules(pins={0: 5, 2: 7}).rerank(one(), 4).tolist() == [[5, 0, 7, 1]]
    cap = Cap(name="seller", groups=SELLERS, limits=1)
    assert Rules(pins={1: 2}, caps=[cap]).rerank(one(), 4).tolist() == [[3, 2, 5, 6]]
    assert Rules(pins={9: 5}).rerank(one(), 3).tolist() == [[0, 1, 2]]  # k does not reach it


def test_a_pin_that_is_no_candidate_is_left_out_and_told() -> None:
    rules, candidates = Rules(pins={0: 99}), one()
    assert rules.rerank(candidates, 2).tolist() == [[0, 1]]
    assert rules.shortage(candidates, 2) == ["Pinned items [99] are not among the candidates. Add them."]


def test_a_pin_below_the_end_of_a_short_list_moves_up() -> None:
    assert Rules(pins={4: 2}).rerank(one(3), 6).tolist() == [[0, 1, 2, -1, -1, -1]]


def test_where_the_rules_leave_too_little_the_list_ends_and_says_why() -> None:
    rules = Rules(allowed=np.arange(8) < 5, caps=[Cap(name="seller", groups=SELLERS, limits=1)])
    assert rules.rerank(one(), 4).tolist() == [[0, 3, -1, -1]]
    assert rules.shortage(one(), 4) == [
        "2 of 4 places are filled: of 8 candidates 3 not allowed, 3 over the cap on seller. "
        "Give more candidates, or ease a rule."
    ]
    assert rules.shortage(one(), 2) == [""]
    assert Rules().shortage(one(1), 2) == [
        "1 of 2 places are filled: of 1 candidates none is left. Give more candidates, or ease a rule."
    ]


@given(st.integers(0, 10_000), st.integers(0, 3), st.integers(1, 12))
def test_no_rule_is_ever_broken_and_no_place_is_wasted(seed: int, limit: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    allowed, genres = rng.random(NUM_ITEMS) < 0.6, (CATEGORIES + (rng.random((NUM_ITEMS, 4)) < 0.2)) > 0
    rules = Rules(allowed=allowed, caps=[Cap(name="genre", groups=groups_of(genres), limits=limit)])
    candidates = some_candidates(6, 15, seed)
    lists, messages = candidates.at(rules.rerank(candidates, k)), rules.shortage(candidates, k)
    for rows, candidate_rows, message in zip(lists, candidates.item_rows, messages, strict=True):
        shown = rows[rows >= 0]
        counts = genres[shown].sum(axis=0)
        assert allowed[shown].all()
        assert (counts <= limit).all()
        assert bool(message) == (len(shown) < k)
        if len(shown) < k:
            rest = [row for row in candidate_rows if allowed[row] and row not in shown]
            assert all((counts + genres[row] > limit).any() for row in rest)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"pins": {0: 1, 1: 1}}, "Each pin is another item at a place from 0"),
        ({"pins": {-1: 1}}, "Each pin is another item at a place from 0"),
        ({"pins": {0: 1}, "allowed": np.zeros(8, bool)}, "Item 1 is pinned, but not allowed. Take back one"),
        (
            {"pins": {0: 0, 1: 1}, "caps": [Cap(name="seller", groups=SELLERS, limits=1)]},
            "The pins alone break the cap on seller, in group 0. Pin fewer",
        ),
    ],
)
def test_rules_that_contradict_each_other_are_refused(given: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Rules(**given)


def test_caps_that_say_nothing_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"A cap on seller is a whole number of at least 0, found -1\. 0 blocks"):
        Cap(name="seller", groups=SELLERS, limits=-1)
    with pytest.raises(DataError, match="Each group of seller needs a limit, but group 2 has none of 2"):
        Cap(name="seller", groups=SELLERS, limits=np.array([1, 1]))

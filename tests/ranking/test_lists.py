"""Six items, two people; item 5 has the highest score, item 0 the lowest."""

import warnings

import numpy as np
import pytest

from penchant.ranking.lists import bar, log_chances, make_candidates, relisted
from penchant.ranking.rerank.calibrated import Calibrated
from penchant.ranking.rerank.damp import Damped
from penchant.ranking.rerank.fresh import Fresh
from penchant.ranking.rerank.mmr import MMR
from penchant.ranking.rerank.rules import Cap, Rules
from penchant.ranking.wishes import Wishes
from penchant.records.events import Histories, no_history

NUM_ITEMS = 6
NOBODY = no_history(2)


def ask(wishes: Wishes, histories: Histories = NOBODY, scores: np.ndarray | None = None) -> np.ndarray:
    """Rows of the lists, as `FusedRecommender.ask` makes them."""
    given = np.tile(np.arange(NUM_ITEMS, dtype=np.float32), (len(histories), 1)) if scores is None else scores.copy()
    bar(given, histories, wishes)
    return relisted(make_candidates(given, histories, wishes), wishes).ranked.item_rows


def met(*rows: int) -> Histories:
    """One person who met these items."""
    some = no_history(1)
    told = {
        **vars(some),
        "ptr": np.array([0, len(rows)]),
        "item_rows": np.array(rows, np.int32),
        "timestamps": np.zeros(len(rows), np.int64),
        "values": np.zeros(len(rows), np.float32),
        "kinds": np.zeros(len(rows), np.int16),
        "text_rows": np.full(len(rows), -1, np.int32),
    }
    return Histories(**told)


def test_without_wishes_the_best_come_first_and_what_is_not_allowed_never() -> None:
    assert ask(Wishes(k=3)).tolist() == [[5, 4, 3]] * 2
    assert ask(Wishes(k=3, allowed=np.array([1, 1, 1, 1, 0, 0], bool))).tolist() == [[3, 2, 1]] * 2
    assert ask(Wishes(k=3), met(5, 4)).tolist() == [[3, 2, 1]]
    assert ask(Wishes(k=3, exclude_seen=False), met(5, 4)).tolist() == [[5, 4, 3]]


def test_a_list_ends_where_nothing_is_left() -> None:
    assert ask(Wishes(k=8)).tolist() == [[5, 4, 3, 2, 1, 0, -1, -1]] * 2
    assert ask(Wishes(k=2, allowed=np.zeros(NUM_ITEMS, bool))).tolist() == [[-1, -1]] * 2


def test_chances_are_of_what_may_be_shown_and_of_nothing_there_are_none() -> None:
    scores = np.array([[np.log(1), np.log(3), *[-np.inf] * 4], [-np.inf] * 6], np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = log_chances(make_candidates(scores, NOBODY, Wishes(k=2)), scores)
    np.testing.assert_allclose(np.exp(found[0, :2]), [0.75, 0.25], rtol=1e-6)
    assert not np.isnan(found).any()


def test_weighing_re_rankers_see_the_best_candidates() -> None:
    """Items 4 and 5 point the same way: the second place goes to another direction."""
    vectors = np.eye(NUM_ITEMS)
    vectors[4] = vectors[5]
    assert ask(Wishes(k=2, weighing=(MMR(vectors, 0.5),))).tolist() == [[5, 3]] * 2


def test_each_weighing_re_ranker_gets_what_the_one_before_it_left() -> None:
    """Damping by .0 keeps the order, so its place does not matter; MMR alone decides."""
    vectors = np.eye(NUM_ITEMS)
    vectors[4] = vectors[5]
    idle = Damped(np.ones(NUM_ITEMS), 0.0)
    for chain in ((idle, MMR(vectors, 0.5)), (MMR(vectors, 0.5),)):
        assert ask(Wishes(k=2, weighing=chain)).tolist() == [[5, 3]] * 2
    narrowed = MMR(vectors, 0.9), Damped(np.array([0, 0, 0, 0, 0, 1e6]), 9.0)
    assert 4 not in ask(Wishes(k=2, weighing=narrowed))[0]


def test_mixes_are_made_of_histories() -> None:
    """Who met item 0 alone is after its category, which only item 1 shares."""
    categories = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [0, 1], [0, 1]], float)
    wishes = Wishes(k=1, weighing=(Calibrated(categories, 0.9),), categories=categories)
    assert ask(wishes, met(0)).tolist() == [[1]]


def test_fresh_items_and_pins_join_from_far_below(monkeypatch: pytest.MonkeyPatch) -> None:
    """Item 0 is fresh, item 1 is pinned; only two candidates are looked at otherwise."""
    monkeypatch.setattr("penchant.ranking.wishes.NUM_CANDIDATES", 2)
    fresh = np.array([1, 0, 0, 0, 0, 0], bool)
    wanted = Wishes(
        k=3,
        holding=(Fresh(fresh, 1 / 3),),
        rules=Rules(pins={0: 1}),
        fresh=fresh,
        content=lambda histories: np.zeros((len(histories), NUM_ITEMS)),
        pinned=(1,),
    )
    scores = np.tile(np.arange(NUM_ITEMS, dtype=np.float32), (2, 1))
    scores[0, 0] = -np.inf  # barred for the first person
    assert ask(wanted, scores=scores).tolist() == [[1, 5, 4], [1, 5, 4]]
    without_pin = Wishes(k=3, holding=wanted.holding, fresh=fresh, content=wanted.content)
    assert ask(without_pin, scores=scores).tolist() == [[5, 4, 3], [5, 4, 0]]


def test_rules_reach_past_what_was_weighed() -> None:
    """The three best are of one seller, who may have one place: the others come from behind."""
    cap = Cap(name="seller", groups=np.array([1, 2, 3, 0, 0, 0]), limits=1)
    vectors = np.eye(NUM_ITEMS)
    assert ask(Wishes(k=3, rules=Rules(caps=[cap]))).tolist() == [[5, 2, 1]] * 2
    assert ask(Wishes(k=3, weighing=(MMR(vectors, 0.1),), rules=Rules(caps=[cap]))).tolist() == [[5, 2, 1]] * 2


def test_scores_go_with_their_items() -> None:
    scores = np.array([[0.5, 3.0, 1.0]], np.float32)
    wishes = Wishes(k=2, rules=Rules(pins={0: 2}), pinned=(2,))
    found = relisted(make_candidates(scores, no_history(1), wishes), wishes).ranked
    assert found.item_rows.tolist() == [[2, 1]]
    assert found.scores.tolist() == [[1.0, 3.0]]


def test_without_anybody_who_speaks_for_fresh_items_the_scores_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Items 0 and 1 are fresh, and beyond the two candidates; 1 has the higher score, 0 more to speak for it."""
    monkeypatch.setattr("penchant.ranking.wishes.NUM_CANDIDATES", 2)
    monkeypatch.setattr("penchant.ranking.lists.NUM_FRESH", 1)
    fresh = np.array([1, 1, 0, 0, 0, 0], bool)
    by_score = Wishes(k=2, holding=(Fresh(fresh, 1 / 2),), fresh=fresh)
    by_content = Wishes(
        k=2, holding=by_score.holding, fresh=fresh, content=lambda histories: -np.tile(np.arange(6.0), (2, 1))
    )
    assert ask(by_score).tolist() == [[5, 1]] * 2
    assert ask(by_content).tolist() == [[5, 0]] * 2
    all_fresh = Wishes(k=2, holding=(Fresh(fresh, 1.0),), fresh=fresh)
    assert ask(all_fresh).tolist() == [[1, 0]] * 2  # a list of two has two, not NUM_FRESH

import numpy as np
import pytest

from contracts.source_contract import NUM_ITEMS, SourceContract, events_of, histories_with
from penchant.records.errors import ConfigError
from penchant.retrieval.sources.fresh import LOWEST, Fresh

# The mean is (0, 0): items 0 and 3 lie east, 1 and 4 north, 2 and 5 south-west. Nobody has met 3, 4 and 5.
VECTORS = np.array([[1, 0], [0, 1], [-1, -1]] * 2, np.float32)
EVENTS = events_of({0: [0, 1], 1: [0, 2], 2: [0], 3: [0, 1]})
EAST, NORTH = [0], [1]


class TestContract(SourceContract):
    source_class = Fresh
    extra = (np.random.default_rng(0).normal(size=(NUM_ITEMS, 5)).astype(np.float32),)
    personal = False
    learns_from_events = False


def scores_for(*history: int, **settings: float) -> np.ndarray:
    return Fresh.fit(EVENTS, 6, VECTORS, **settings).score(histories_with([list(history)]))[0]


def test_what_has_been_met_gets_nothing_and_all_fresh_items_get_something() -> None:
    scores = scores_for(*EAST)
    assert (scores[:3] == 0).all()
    assert (scores[3:] >= LOWEST).all()


def test_by_promise_those_come_first_whose_neighbours_are_met_most() -> None:
    scores = scores_for(*NORTH, promise=1.0)
    assert scores.argmax() == 4  # beside item 1, which people have just met
    np.testing.assert_array_equal(scores, scores_for(*EAST, promise=1.0))
    np.testing.assert_array_equal(scores, scores_for(promise=1.0))


def test_by_text_those_come_first_that_are_near_the_history() -> None:
    assert scores_for(*NORTH, promise=0.0).argmax() == 4
    assert scores_for(*EAST, promise=0.0).argmax() == 3


def test_without_a_history_promise_alone_speaks() -> None:
    np.testing.assert_allclose(scores_for(promise=0.0)[3:], 1)
    assert scores_for(promise=0.5).argmax() == 4


def test_spread_pulls_them_apart_down_to_the_lowest() -> None:
    assert np.ptp(scores_for(*EAST, spread=0.2)[3:]) == pytest.approx(
        2 * np.ptp(scores_for(*EAST, spread=0.1)[3:]), rel=1e-4
    )
    assert scores_for(*EAST, spread=9.0)[3:].min() == np.float32(LOWEST)
    np.testing.assert_allclose(scores_for(*EAST, spread=0.0)[3:], 1)


def test_items_with_a_few_events_may_be_fresh_too() -> None:
    assert np.flatnonzero(scores_for(*EAST, most_events=1)).tolist() == [2, 3, 4, 5]


def test_decay_is_how_fast_a_history_is_forgotten() -> None:
    assert scores_for(0, 0, 1, promise=0.0, decay=0.1).argmax() == 4
    assert scores_for(0, 0, 1, promise=0.0, decay=1.0).argmax() == 3


def test_an_item_without_a_text_is_never_fresh() -> None:
    vectors = np.concatenate([VECTORS, np.zeros((1, 2), np.float32)])
    assert Fresh.fit(EVENTS, 7, vectors).score(histories_with([[0]]))[0, 6] == 0


def test_where_everything_has_been_met_there_is_nothing_fresh() -> None:
    assert not Fresh.fit(events_of({0: [0, 1, 2, 3, 4, 5]}), 6, VECTORS).score(histories_with([[0]])).any()


@pytest.mark.parametrize(
    "settings", [{"most_events": -1.0}, {"promise": 1.5}, {"promise": -0.5}, {"spread": -1.0}, {"decay": 0.0}]
)
def test_bad_settings_are_named(settings: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(settings))):
        Fresh.fit(EVENTS, 6, VECTORS, **settings)

import numpy as np
import pytest

from contracts.source_contract import SourceContract, events_of, histories_with
from penchant.records.errors import ConfigError
from penchant.retrieval.sources.transitions import Transitions

EVENTS = events_of({0: [0, 1, 2], 1: [0, 2]})
PLAIN = {"backward": 0.0, "shrinkage": 0.0}


class TestContract(SourceContract):
    source_class = Transitions


def scores_after(item: int, **settings: float) -> np.ndarray:
    return Transitions.fit(EVENTS, 3, **{**PLAIN, **settings}).score(histories_with([[item]]))[0]


def test_scores_are_the_shares_of_what_follows() -> None:
    # After 0 come 1 (gap 1), 2 (gap 2) and 2 (gap 1): 1 and 1/2 + 1 of 5/2.
    np.testing.assert_allclose(scores_after(0), [0, 1 / 2.5, 1.5 / 2.5], rtol=1e-6)
    np.testing.assert_allclose(scores_after(1), [0, 0, 1], rtol=1e-6)
    np.testing.assert_allclose(scores_after(2), [0, 0, 0])


def test_the_opposite_order_counts_by_its_weight() -> None:
    # Before 2 came 0 (1/2 + 1) and 1 (1); both halved, shares of 5/4.
    np.testing.assert_allclose(scores_after(2, backward=0.5), [0.75 / 1.25, 0.5 / 1.25, 0], rtol=1e-6)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [({"window": 1}, 1 / 2), ({"shrinkage": 5.0}, 1.5 / (2.5 + 5)), ({"num_successors": 1}, 1.5 / 2.5)],
)
def test_each_setting_moves_the_scores(settings: dict[str, float], expected: float) -> None:
    assert scores_after(0, **settings)[2] == pytest.approx(expected)
    assert scores_after(0, **settings).tolist() != scores_after(0).tolist()


def test_recent_events_weigh_more() -> None:
    scores = Transitions.fit(EVENTS, 3, **PLAIN, decay=0.25).score(histories_with([[0, 1]]))
    assert scores[0, 2] == pytest.approx(1 + 0.25 * 1.5 / 2.5)


def test_an_item_may_follow_itself() -> None:
    source = Transitions.fit(events_of({0: [1, 1, 0]}), 2, **PLAIN)
    np.testing.assert_allclose(source.score(histories_with([[1]])), [[1.5 / 2.5, 1 / 2.5]], rtol=1e-6)


@pytest.mark.parametrize(
    "settings", [{"window": 0}, {"backward": -0.5}, {"shrinkage": -1.0}, {"num_successors": 0}, {"decay": 0.0}]
)
def test_bad_settings_are_named(settings: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(settings))):
        Transitions.fit(EVENTS, 3, **settings)

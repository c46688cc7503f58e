import numpy as np
import pytest

from contracts.source_contract import SourceContract, events_of, histories_with
from penchant.records.errors import ConfigError
from penchant.retrieval.sources.nearby import Nearby

EVENTS = events_of({0: [0, 1, 2], 1: [0, 2]})
PLAIN = {"gap_power": 1.0, "backward": 0.0, "shrinkage": 0.0}


class TestContract(SourceContract):
    source_class = Nearby


def scores_after(item: int, **settings: float) -> np.ndarray:
    return Nearby.fit(EVENTS, 3, **{**PLAIN, **settings}).score(histories_with([[item]]))[0]


def test_similarity_is_nearness_over_the_root_of_both_counts() -> None:
    # Item 0 stands twice, 1 once, 2 twice; 2 follows 0 once by two steps and once by one.
    np.testing.assert_allclose(scores_after(0), [0, 1 / (2 * 1) ** 0.5, (1 / 2 + 1) / (2 * 2) ** 0.5], rtol=1e-6)
    np.testing.assert_allclose(scores_after(2), [0, 0, 0])


def test_the_opposite_order_counts_by_its_weight() -> None:
    expected = [0.5 * (1 / 2 + 1) / 2, 0.5 * 1 / 2**0.5, 0]
    np.testing.assert_allclose(scores_after(2, backward=0.5), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"gap_power": 2.0}, (1 / 4 + 1) / 2),
        ({"gap_power": 0.0}, (1 + 1) / 2),
        ({"window": 1}, 1 / 2),
        ({"shrinkage": 3.0}, (1 / 2 + 1) / (2 + 3)),
    ],
)
def test_each_setting_moves_the_score_of_item_two(settings: dict[str, float], expected: float) -> None:
    assert scores_after(0, **settings)[2] == pytest.approx(expected)


def test_only_the_nearest_neighbours_are_kept() -> None:
    np.testing.assert_allclose(scores_after(0, num_neighbours=1), [0, 0, 3 / 4], rtol=1e-6)


def test_recent_events_weigh_more() -> None:
    scores = Nearby.fit(EVENTS, 3, **PLAIN, decay=0.25).score(histories_with([[0, 1]]))
    assert scores[0, 2] == pytest.approx(1 / 2**0.5 + 0.25 * 3 / 4)


def test_an_item_is_no_neighbour_of_itself() -> None:
    source = Nearby.fit(events_of({0: [1, 1, 0, 1]}), 2)
    assert source.score(histories_with([[1]]))[0, 1] == 0


@pytest.mark.parametrize(
    "settings",
    [
        {"window": 0},
        {"gap_power": -1.0},
        {"backward": -0.5},
        {"shrinkage": -1.0},
        {"num_neighbours": 0},
        {"decay": 2.0},
    ],
)
def test_bad_settings_are_named(settings: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(settings))):
        Nearby.fit(EVENTS, 3, **settings)

import numpy as np
import pytest

from contracts.source_contract import SourceContract, events_of, histories_with, some_events
from penchant.records.errors import ConfigError
from penchant.retrieval.sources import item_knn
from penchant.retrieval.sources.item_knn import ItemKNN

# Item 0 is met by three people, item 1 by two of them, item 2 by one of them.
EVENTS = events_of({0: [0, 1, 2], 1: [0, 1], 2: [0]})


class TestContract(SourceContract):
    source_class = ItemKNN


def test_similarity_is_the_cosine_over_people() -> None:
    scores = ItemKNN.fit(EVENTS, 4).score(histories_with([[0], [1], [3]]))
    expected = [
        [0, 2 / (3 * 2) ** 0.5, 1 / (3 * 1) ** 0.5, 0],
        [2 / (2 * 3) ** 0.5, 0, 1 / (2 * 1) ** 0.5, 0],
        [0, 0, 0, 0],
    ]
    np.testing.assert_allclose(scores, expected, rtol=1e-6)


def test_shrinkage_lowers_rare_pairs() -> None:
    scores = ItemKNN.fit(EVENTS, 3, shrinkage=4.0).score(histories_with([[0]]))
    np.testing.assert_allclose(scores, [[0, 2 / (6**0.5 + 4), 1 / (3**0.5 + 4)]], rtol=1e-6)


def test_only_the_nearest_neighbours_are_kept() -> None:
    scores = ItemKNN.fit(EVENTS, 3, num_neighbours=1).score(histories_with([[0]]))
    np.testing.assert_allclose(scores, [[0, 2 / 6**0.5, 0]], rtol=1e-6)


def test_recent_events_weigh_more() -> None:
    scores = ItemKNN.fit(EVENTS, 3, decay=0.5).score(histories_with([[1, 0]]))
    np.testing.assert_allclose(scores[0, 2], 1 / 3**0.5 + 0.5 * 1 / 2**0.5, rtol=1e-6)


def test_meeting_an_item_again_changes_no_similarity() -> None:
    again = events_of({0: [0, 1, 2, 1, 0], 1: [0, 1], 2: [0, 0]})
    np.testing.assert_array_equal(ItemKNN.fit(again, 3).arrays["data"], ItemKNN.fit(EVENTS, 3).arrays["data"])


def test_the_size_of_a_block_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ItemKNN.fit(some_events(), 12)
    monkeypatch.setattr(item_knn, "MOST_PAIRS", 5)
    blocks = ItemKNN.fit(some_events(), 12)
    for name in whole.arrays:
        np.testing.assert_array_equal(blocks.arrays[name], whole.arrays[name])


@pytest.mark.parametrize("settings", [{"num_neighbours": 0}, {"shrinkage": -1.0}, {"decay": 0.0}, {"decay": 1.5}])
def test_bad_settings_are_named(settings: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(settings))):
        ItemKNN.fit(EVENTS, 3, **settings)

import numpy as np
import pytest

from contracts.source_contract import NUM_ITEMS, SourceContract, events_of, histories_with
from penchant.records.errors import ConfigError
from penchant.retrieval.sources.text_knn import TextKNN

# The mean is (1, 0): centred, the items point east, west, north and south.
COMPASS = np.array([[2, 0], [0, 0.0], [1, 1], [1, -1]], np.float32) + np.float32(1)
NORTH, EAST = np.array([[2, 3]], np.float32), np.array([[9, 1]], np.float32)
NO_EVENTS = events_of({})


class TestContract(SourceContract):
    source_class = TextKNN
    extra = (np.random.default_rng(0).normal(size=(NUM_ITEMS, 5)).astype(np.float32),)
    learns_from_events = False


def compass(decay: float = 0.5) -> TextKNN:
    return TextKNN.fit(NO_EVENTS, 4, COMPASS, decay=decay)


def test_scores_are_cosines_after_centring() -> None:
    np.testing.assert_allclose(compass().score(histories_with([[0], [2]])), [[1, -1, 0, 0], [0, 0, 1, -1]], atol=1e-6)


def test_recent_events_pull_the_centroid() -> None:
    # West, then north: (-1/2, 1) has length sqrt(5)/2.
    scores = compass(decay=0.5).score(histories_with([[1, 2]]))
    np.testing.assert_allclose(scores, np.array([[-1, 1, 2, -2]]) / 5**0.5, atol=1e-6)
    assert compass(decay=0.9).score(histories_with([[1, 2]])).tolist() != scores.tolist()


def test_opposites_of_equal_weight_are_no_evidence() -> None:
    assert not compass(decay=1.0).score(histories_with([[0, 1]])).any()


def test_raw_items_of_the_request_count() -> None:
    histories = histories_with([[4], [0, 4]], extra_vectors=NORTH)
    expected = np.array([[0, 0, 1, -1], np.array([1, -1, 2, -2]) / 5**0.5])
    np.testing.assert_allclose(compass().score(histories), expected, atol=1e-6)


def test_searches_count_with_their_own_text() -> None:
    histories = histories_with([[-1], [-1]], text_rows=[1, 0], text_vectors=np.concatenate([NORTH, EAST]))
    np.testing.assert_allclose(compass().score(histories), [[1, -1, 0, 0], [0, 0, 1, -1]], atol=1e-6)


def test_raw_items_and_searches_do_not_get_mixed_up() -> None:
    histories = histories_with([[-1, 4]], text_rows=[0, -1], text_vectors=EAST, extra_vectors=NORTH)
    np.testing.assert_allclose(compass().score(histories), np.array([[1, -1, 2, -2]]) / 5**0.5, atol=1e-6)


def test_an_item_counts_with_its_own_vector_even_if_a_review_came_with_it() -> None:
    histories = histories_with([[0]], text_rows=[0], text_vectors=NORTH)
    np.testing.assert_allclose(compass().score(histories), [[1, -1, 0, 0]], atol=1e-6)


def test_rows_past_the_raw_items_are_ignored() -> None:
    histories = histories_with([[0, 5]], text_rows=[-1, 0], extra_vectors=NORTH, text_vectors=NORTH)
    np.testing.assert_allclose(compass().score(histories), [[1, -1, 0, 0]], atol=1e-6)


@pytest.mark.parametrize("text_vectors", [None, NORTH])
def test_searches_without_a_vector_are_ignored(text_vectors: np.ndarray | None) -> None:
    histories = histories_with([[0, -1]], text_rows=[-1, 1], text_vectors=text_vectors)
    np.testing.assert_allclose(compass().score(histories), [[1, -1, 0, 0]], atol=1e-6)


def test_raw_items_can_be_scored() -> None:
    histories = histories_with([[0], [2], []], extra_vectors=np.concatenate([NORTH, EAST]))
    np.testing.assert_allclose(compass().score_extra(histories), [[0, 1], [1, 0], [0, 0]], atol=1e-6)
    assert compass().score_extra(histories_with([[0]])).shape == (1, 0)


def test_an_item_without_a_text_scores_nothing_and_moves_nothing() -> None:
    vectors = np.concatenate([COMPASS, np.zeros((1, 2), np.float32)])
    scores = TextKNN.fit(NO_EVENTS, 5, vectors).score(histories_with([[0], [4]]))
    np.testing.assert_allclose(scores, [[1, -1, 0, 0, 0], [0] * 5], atol=1e-6)


def test_every_item_needs_a_vector() -> None:
    with pytest.raises(ConfigError, match=r"each of the 5 items, found shape \(4, 2\)"):
        TextKNN.fit(NO_EVENTS, 5, COMPASS)


@pytest.mark.parametrize("decay", [0.0, 1.5])
def test_bad_settings_are_named(decay: float) -> None:
    with pytest.raises(ConfigError, match="decay"):
        TextKNN.fit(NO_EVENTS, 4, COMPASS, decay=decay)

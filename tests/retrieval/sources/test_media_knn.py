import numpy as np
import pytest

from contracts.source_contract import NUM_ITEMS, SourceContract, events_of, histories_with
from penchant.records.errors import ConfigError
from penchant.retrieval.sources.media_knn import MediaKNN
from penchant.retrieval.sources.text_knn import TextKNN

NO_EVENTS = events_of({})
SAID = np.array([[1, 0], [0, 1], [1, 0], [0, 1]], np.float32)
SEEN = np.array([[1, 0], [1, 0], [-1, 0], [0, 0]], np.float32)
"""Of four items: 0 and 1 look alike, 2 is their opposite, 3 has no picture."""
BOTH = np.hstack([SAID, SEEN])


class TestContract(SourceContract):
    source_class = MediaKNN
    extra = (np.random.default_rng(0).normal(size=(NUM_ITEMS, 7)).astype(np.float32), 2)
    learns_from_events = False


def test_what_is_said_does_not_count() -> None:
    source = MediaKNN.fit(NO_EVENTS, 4, BOTH, 2)
    other = MediaKNN.fit(NO_EVENTS, 4, np.hstack([SAID[::-1], SEEN]), 2)
    histories = histories_with([[0], [2]])
    assert np.array_equal(source.score(histories), other.score(histories))
    assert source.score(histories)[0].tolist() == TextKNN.fit(NO_EVENTS, 4, SEEN).score(histories)[0].tolist()


def test_without_a_picture_nothing_is_said_for_or_against() -> None:
    scores = MediaKNN.fit(NO_EVENTS, 4, BOTH, 2).score(histories_with([[3], [0]]))
    assert not scores[0].any()
    assert scores[1, 3] == 0 < scores[1, 1]


def test_raw_items_count_with_their_pictures_and_searches_do_not() -> None:
    looks_like_2 = np.array([[1, 0, -2, 0]], np.float32)
    search = np.array([[1, 0, 0, 0]], np.float32)
    source = MediaKNN.fit(NO_EVENTS, 4, BOTH, 2)
    by_item, by_search = (
        source.score(histories_with([[4]], extra_vectors=looks_like_2))[0],
        source.score(histories_with([[-1]], text_rows=[0], text_vectors=search))[0],
    )
    assert by_item.argmax() == 2
    assert not by_search.any()


def test_vectors_need_a_part_of_pictures() -> None:
    with pytest.raises(ConfigError, match="behind column 4, found 4 columns"):
        MediaKNN.fit(NO_EVENTS, 4, BOTH, 4)

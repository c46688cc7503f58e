from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from contracts.source_contract import events_of
from penchant.records.events import Events
from penchant.retrieval.following import following


def whole(events: Events, num_items: int, **settings: Any) -> np.ndarray:
    return np.concatenate([block.toarray() for _, block in following(events, num_items, **settings)])


def test_following_weighs_by_gap_and_stays_within_a_person() -> None:
    follows = whole(events_of({0: [0, 1, 2], 1: [1, 0]}), 3, window=2, gap_power=1)
    expected = [[0, 1, 1 / 2], [1, 0, 1], [0, 0, 0]]
    np.testing.assert_array_equal(follows, expected)


def test_following_ends_at_the_window() -> None:
    follows = whole(events_of({0: [0, 1, 2]}), 3, window=1, gap_power=1)
    np.testing.assert_array_equal(follows, [[0, 1, 0], [0, 0, 1], [0, 0, 0]])


def test_gap_power_zero_counts_all_gaps_alike() -> None:
    follows = whole(events_of({0: [0, 1, 2]}), 3, window=9, gap_power=0)
    np.testing.assert_array_equal(follows, [[0, 1, 1], [0, 0, 1], [0, 0, 0]])


def test_following_counts_an_item_that_repeats() -> None:
    follows = whole(events_of({0: [1, 1, 1]}), 2, window=2, gap_power=1)
    np.testing.assert_array_equal(follows, [[0, 0], [0, 1 + 1 + 1 / 2]])


def test_the_opposite_order_counts_by_its_weight() -> None:
    forward = whole(events_of({0: [0, 1, 2], 1: [2, 0]}), 3, window=2, gap_power=1)
    both = whole(events_of({0: [0, 1, 2], 1: [2, 0]}), 3, window=2, gap_power=1, backward=0.5)
    np.testing.assert_array_equal(both, forward + forward.T / 2)


@pytest.mark.parametrize(("most", "first_rows"), [(1, [0, 1, 2, 3]), (16, [0, 1]), (99, [0])])
def test_blocks_hold_so_many_pairs_and_make_the_same_matrix(most: int, first_rows: Sequence[int]) -> None:
    events = events_of({0: [0, 1, 2, 0], 1: [2, 1, -1, 0]})  # at two steps each way: 12, 8, 8 and 0 pairs at most
    settings = {"window": 2, "gap_power": 1, "backward": 1.0}
    assert [first for first, _ in following(events, 4, **settings, most=most)] == first_rows
    np.testing.assert_array_equal(whole(events, 4, **settings, most=most), whole(events, 4, **settings))

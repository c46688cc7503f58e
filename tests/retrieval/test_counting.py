from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from contracts.source_contract import events_of, histories_with
from penchant.retrieval.counting import (
    SMALLEST_WEIGHT,
    best_of_rows,
    decayed,
    history_weights,
    in_catalogue,
    in_rows,
    interactions,
    item_counts,
    to_arrays,
    to_matrix,
    without_diagonal,
)


def test_newest_event_weighs_one_and_unusable_ones_are_no_step() -> None:
    weights = history_weights(histories_with([[0, -1, 1, 9, 2], [], [0]]), 3, decay=0.5)
    np.testing.assert_array_equal(weights.toarray(), [[1 / 4, 1 / 2, 1], [0, 0, 0], [1, 0, 0]])


def test_an_event_grows_older_within_its_stream_alone() -> None:
    two = histories_with([[0, 1, -1, 2, 3], [1], []])
    own = replace(two, streams=np.array([0, 1, 1, 0, 1, 1]))
    weights = history_weights(own, 4, decay=0.5).toarray()
    np.testing.assert_array_equal(weights, [[1 / 2, 1 / 2, 1, 1], [0, 1, 0, 0], [0, 0, 0, 0]])
    np.testing.assert_array_equal(history_weights(own.select([1, 0]), 4, decay=0.5).toarray(), weights[[1, 0]])
    one = replace(two, streams=np.zeros(6, np.int64))
    expected = history_weights(two, 4, decay=0.5).toarray()
    np.testing.assert_array_equal(history_weights(one, 4, decay=0.5).toarray(), expected)


def test_an_item_met_twice_adds_up() -> None:
    weights = history_weights(histories_with([[0, 1, 0]]), 2, decay=0.5)
    np.testing.assert_array_equal(weights.toarray(), [[1 / 4 + 1, 1 / 2]])


def test_without_decay_all_events_weigh_one() -> None:
    histories = histories_with([[0, 1, 2]])
    np.testing.assert_array_equal(decayed(histories, histories.item_rows, 3, decay=1).toarray(), [[1, 1, 1]])


def test_what_weighs_next_to_nothing_is_left_out() -> None:
    weights = history_weights(histories_with([[0] * 30]), 1, decay=0.1)
    assert weights.sum() == pytest.approx(1 / (1 - 0.1))
    assert history_weights(histories_with([list(range(30))]), 30, decay=0.1).data.min() >= SMALLEST_WEIGHT


def test_interactions_are_zero_or_one() -> None:
    met = interactions(events_of({0: [0, 2, 0], 2: [1, -1, 7]}), 3)
    np.testing.assert_array_equal(met.toarray(), [[1, 0, 1], [0, 0, 0], [0, 1, 0]])


def test_item_counts_count_every_event() -> None:
    np.testing.assert_array_equal(item_counts(events_of({0: [0, 2, 0], 2: [1, -1, 7]}), 3), [2, 1, 1])


def test_in_catalogue_keeps_order() -> None:
    assert in_catalogue(events_of({0: [2, -1, 0, 3, 1]}), 3).item_rows.tolist() == [2, 0, 1]


def test_best_of_rows_keeps_the_largest_and_the_lower_column_of_equals() -> None:
    matrix = csr_array(np.array([[1, 3, 2, 3], [0, 0, 0, 0], [5, 5, 5, 0]], np.float32))
    np.testing.assert_array_equal(best_of_rows(matrix, 2).toarray(), [[0, 3, 0, 3], [0, 0, 0, 0], [5, 5, 0, 0]])


def test_blocks_below_each_other_are_one_matrix() -> None:
    one, other = (csr_array(np.full((1, 2), value, np.float32)) for value in (1, 2))
    np.testing.assert_array_equal(to_matrix(in_rows([one, other], 2), 2).toarray(), [[1, 1], [2, 2]])
    np.testing.assert_array_equal(to_matrix(in_rows([], 2), 2).toarray(), np.zeros((2, 2)))


def test_without_diagonal_knows_where_a_block_starts() -> None:
    block = csr_array(np.ones((2, 4), np.float32))
    np.testing.assert_array_equal(without_diagonal(block, 1).toarray(), [[1, 0, 1, 1], [1, 1, 0, 1]])


def test_a_matrix_survives_being_taken_apart() -> None:
    matrix = csr_array(np.array([[0, 0.5], [0.25, 0]], np.float32))
    np.testing.assert_array_equal(to_matrix(to_arrays(matrix), 2).toarray(), matrix.toarray())

import numpy as np

from contracts.source_contract import histories_with
from penchant.ranking.batched import in_batches
from penchant.records.events import Histories, no_history

PEOPLE = histories_with([[0], [1, 1], [], [0, 1, 1], [1]])


def lengths(histories: Histories) -> np.ndarray:
    return np.repeat(histories.lengths[:, None], 10, axis=1)


def test_batches_are_bounded_and_change_nothing() -> None:
    sizes = []

    def score(histories: Histories) -> np.ndarray:
        sizes.append(len(histories))
        return lengths(histories)

    np.testing.assert_array_equal(in_batches(score, PEOPLE, 10, most=25), lengths(PEOPLE))
    assert sizes == [2, 2, 1]


def test_a_catalogue_beyond_the_bound_is_scored_for_one_person_at_a_time() -> None:
    np.testing.assert_array_equal(in_batches(lengths, PEOPLE, 10, most=1), lengths(PEOPLE))


def test_nobody_gets_no_rows() -> None:
    assert in_batches(lengths, no_history(0), 10).shape == (0, 10)

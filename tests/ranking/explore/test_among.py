import numpy as np

from penchant.ranking.explore.among import among
from penchant.records.ranked import Ranked

GIVEN = Ranked(
    np.array([[4, 3, 2, 1], [0, 5, -1, -1]]), np.array([[4.0, 3.0, 2.0, 1.0], [9.0, -np.inf, -np.inf, -np.inf]])
)


def test_the_first_so_many_may_be_drawn_and_what_cannot_be_shown_is_none_of_them() -> None:
    found = among(GIVEN, 3, None)
    assert found.item_rows.tolist() == [[4, 3, 2], [0, -1, -1]]
    assert found.scores[1].tolist() == [9, -np.inf, -np.inf]


def test_fresh_ones_may_be_drawn_wherever_they_stand_and_count_once() -> None:
    fresh = np.array([0, 1, 0, 0, 1, 1], bool)
    assert among(GIVEN, 1, fresh).item_rows.tolist() == [[4, 1], [0, -1]]


def test_nobody_and_nothing() -> None:
    assert among(Ranked(np.zeros((0, 4), int), np.zeros((0, 4))), 2, None).item_rows.shape == (0, 0)
    assert among(Ranked(np.zeros((2, 0), int), np.zeros((2, 0))), 2, None).item_rows.shape == (2, 0)

import numpy as np
import pytest

from penchant.retrieval.index.best import best


@pytest.mark.parametrize(("num_columns", "k"), [(1, 1), (3, 3), (50, 7), (1000, 10), (10_007, 3), (5000, 4999)])
def test_equals_a_stable_sort(num_columns: int, k: int) -> None:
    scores = np.random.default_rng(0).integers(0, 40, (5, num_columns)).astype(np.float32)
    columns, values = best(scores, k)
    np.testing.assert_array_equal(columns, np.argsort(-scores, axis=1, kind="stable")[:, :k])
    np.testing.assert_array_equal(values, np.take_along_axis(scores, columns, 1))


def test_columns_have_names_of_one_line_or_of_each() -> None:
    scores = np.array([[1, 2, 3], [2, 2, 1]], np.float32)
    assert best(scores, 2, np.array([10, 20, 30]))[0].tolist() == [[30, 20], [10, 20]]
    assert best(scores, 2, np.array([[1, 2, 3], [9, 5, 7]]))[0].tolist() == [[3, 2], [5, 9]]


def test_what_is_minus_infinity_is_not_found() -> None:
    scores = np.full((2, 500), -np.inf, np.float32)
    scores[1, [400, 3]] = 1, 2
    columns, values = best(scores, 3)
    assert columns.tolist() == [[-1, -1, -1], [3, 400, -1]]
    assert values.tolist() == [[-np.inf] * 3, [2.0, 1.0, -np.inf]]


def test_without_columns_or_lines_there_is_nothing() -> None:
    assert best(np.empty((2, 0), np.float32), 2)[0].tolist() == [[-1, -1]] * 2
    assert best(np.empty((0, 5), np.float32), 2)[0].shape == (0, 2)

"""Against scipy's ranks and quantiles, ties included."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri
from scipy.stats import rankdata

from penchant.ranking.normal_scores import among, normal_scores


@given(st.lists(st.integers(0, 6), min_size=1, max_size=40), st.integers(0, 2**32 - 1))
def test_equals_the_quantile_of_the_mean_rank(values: list[int], seed: int) -> None:
    rows = np.array([values, np.random.default_rng(seed).permutation(values)], np.float32)
    expected = ndtri((rankdata(rows, axis=1) - 0.5) / rows.shape[1])
    np.testing.assert_allclose(normal_scores(rows), expected, atol=1e-6)


def test_only_the_order_counts() -> None:
    scores = np.random.default_rng(0).normal(size=(5, 30))
    np.testing.assert_array_equal(normal_scores(scores), normal_scores(np.exp(3 * scores)))


def test_what_is_not_finite_counts_as_zero() -> None:
    np.testing.assert_array_equal(
        normal_scores(np.array([[-1.0, np.nan, np.inf, 2.0]])), normal_scores(np.array([[-1.0, 0.0, 0.0, 2.0]]))
    )


def test_other_items_take_the_place_that_they_would_have() -> None:
    known = np.array([[1.0, 2.0, 3.0, 4.0]])
    own = normal_scores(known)[0]
    found = among(known, np.array([[3.0, 2.5, -9.0, 99.0]]))[0]
    assert found[0] == own[2]
    assert found[1] == pytest.approx(0, abs=1e-6)  # between the second and the third of four: the middle
    assert found[2] == own[0]
    assert found[3] == own[3]


def test_no_people() -> None:
    assert normal_scores(np.zeros((0, 4))).shape == (0, 4)
    assert among(np.zeros((0, 4)), np.zeros((0, 2))).shape == (0, 2)

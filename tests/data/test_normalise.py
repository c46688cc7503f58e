import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.data.normalise import Numbers, to_prices

SIZES = st.floats(-1e9, 1e9, allow_nan=False)


@given(st.lists(SIZES, min_size=1, max_size=9), st.booleans())
def test_numbers_come_back(values: list[float], log: bool) -> None:
    values = [abs(value) for value in values] if log else values
    numbers = Numbers.fit(np.array(values), log=log)
    there = numbers.apply(np.array(values))
    np.testing.assert_allclose(numbers.invert(there), values, rtol=1e-6, atol=1e-6 * max(1, *map(abs, values)))


def test_numbers_are_standard_scores_of_the_logarithm() -> None:
    numbers = Numbers.fit(np.expm1([1.0, 2.0, 3.0]), log=True)
    np.testing.assert_allclose(numbers.apply(np.expm1([1.0, 2.0, 3.0])), [-np.sqrt(1.5), 0, np.sqrt(1.5)], atol=1e-12)


def test_what_is_never_below_zero_comes_back_as_zero_or_more() -> None:
    assert Numbers.fit(np.array([0.0, 9.0]), log=True).invert(np.array([-5.0])).tolist() == [0]


def test_equal_numbers_and_none_at_all() -> None:
    assert Numbers.fit(np.array([3.0, 3.0]), log=False).apply(np.array([4.0])).tolist() == [1.0]
    assert Numbers.fit(np.array([]), log=True).apply(np.array([0.0])).tolist() == [0.0]


@pytest.mark.parametrize(
    ("price", "number"),
    [
        ("US$ 4.99", 4.99),
        ("CNY 1,299", 1299.0),
        ("1.299.000", None),
        ("免费", 0.0),
        ("ask", None),
        (None, None),
        ("€0,99", 0.99),
    ],
)
def test_prices(price: str | None, number: float | None) -> None:
    assert to_prices(pl.Series([price], dtype=pl.String)).to_list() == [number]


def test_prices_that_are_numbers() -> None:
    assert to_prices(pl.Series([3, None])).to_list() == [3.0, None]
    assert to_prices(pl.Series([float("inf"), 2.5])).to_list() == [None, 2.5]

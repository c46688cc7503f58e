from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.data.times import to_seconds

NOON = 1_700_000_000


@pytest.mark.parametrize("ticks", [1, 10**3, 10**6, 10**9])
@given(seconds=st.lists(st.integers(10**8, 4 * 10**9), min_size=1, max_size=5), as_text=st.booleans())
def test_the_unit_of_a_clock_is_told_by_its_magnitude(ticks: int, seconds: list[int], as_text: bool) -> None:
    column = pl.Series("t", [second * ticks for second in seconds])
    times, has_clock = to_seconds(column.cast(pl.String) if as_text else column)
    assert has_clock
    assert times.to_list() == seconds


@pytest.mark.parametrize(
    "column",
    [
        pl.Series("t", ["2023-11-14T22:13:20Z", "2023-11-15T06:13:20+08:00", "2023-11-14 22:13:20"]),
        pl.Series("t", [datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)] * 3),
        pl.Series("t", [NOON + 0.75] * 3),
        pl.Series("t", [f"{NOON}.5"] * 3),
    ],
)
def test_all_ways_to_write_one_moment(column: pl.Series) -> None:
    assert to_seconds(column)[0].to_list() == [NOON] * 3
    assert to_seconds(column)[1]


def test_dates_are_midnights() -> None:
    assert to_seconds(pl.Series([date(1970, 1, 3)]))[0].to_list() == [2 * 86400]


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize(
    ("numbers", "seconds"),
    [([20231114, 19700102], [1699920000, 86400]), ([20231114221320, 19700101000001], [NOON, 1])],
)
def test_dates_written_as_one_number(numbers: list[int], seconds: list[int], as_text: bool) -> None:
    column = pl.Series("t", numbers)
    times, has_clock = to_seconds(column.cast(pl.String) if as_text else column)
    assert has_clock
    assert times.to_list() == seconds


@pytest.mark.parametrize("numbers", [[20231314], [20231114, 7], [30001231]])
def test_numbers_that_are_no_dates_stay_an_order(numbers: list[int]) -> None:
    assert to_seconds(pl.Series(numbers))[0].to_list() == numbers
    assert to_seconds(pl.Series(numbers))[1] is False


def test_small_numbers_are_an_order() -> None:
    assert to_seconds(pl.Series([10**8 - 1]))[1] is False
    assert to_seconds(pl.Series([10**8]))[1] is True
    assert to_seconds(pl.Series([2.5, 1.5, 2.0]))[0].to_list() == [3, 1, 2]


def test_missing_times_stay_missing() -> None:
    assert to_seconds(pl.Series([str(NOON), "", None]))[0].to_list() == [NOON, None, None]


def test_each_number_has_its_own_unit() -> None:
    column = pl.Series([NOON, NOON * 10**3, NOON * 10**6, NOON * 10**9, 0, -5])
    assert to_seconds(column)[0].to_list() == [NOON] * 4 + [0, -5]
    assert to_seconds(column.cast(pl.String))[0].to_list() == [NOON] * 4 + [0, -5]


def test_zeros_have_no_vote() -> None:
    assert to_seconds(pl.Series([0, 0, 0, NOON]))[1] is True
    assert to_seconds(pl.Series([0, 0, 0, 1]))[1] is False
    assert to_seconds(pl.Series([0, 0]))[1] is False


def test_an_order_with_one_giant_stays_an_order() -> None:
    assert to_seconds(pl.Series([1, 2, 3, NOON]))[1] is False


@pytest.mark.parametrize(
    "text",
    [
        "2023/11/14 22:13:20",
        "2023年11月14日 22:13:20",
        "2023-11-14T22:13:20.5Z",
        "2023-11-14T22:13:20.123456",
        "2023-W46-2T22:13:20",
    ],
)
def test_dates_in_words(text: str) -> None:
    assert to_seconds(pl.Series([text]))[0].to_list() == [NOON]


def test_one_day_in_the_words_of_many_shops() -> None:
    days = ["05 31, 2014", "2014-05-31", "May 31, 2014", "31 May 2014", "2014/05/31", "2014年5月31日"]
    assert to_seconds(pl.Series(days))[0].to_list() == [1_401_494_400] * 6


def test_a_month_written_out_or_cut() -> None:
    days = ["December 9, 2012", "Dec 9, 2012", "9 December 2012", "9 Dec 2012"]
    assert to_seconds(pl.Series(days))[0].to_list() == [1_355_011_200] * 4


def test_dates_and_clock_numbers_in_one_column() -> None:
    column = pl.Series([f"{NOON}", "2023-11-14 22:13:20", f"{NOON}000", "tomorrow", "05/06/2024", None])
    times, has_clock = to_seconds(column)
    assert has_clock
    assert times.to_list() == [NOON, NOON, NOON, None, None, None]


def test_a_date_among_orders_is_nothing() -> None:
    times, has_clock = to_seconds(pl.Series(["1", "2", "3", "2023-11-14"]))
    assert not has_clock
    assert times.to_list() == [1, 2, 3, None]


def test_what_is_no_number_and_no_date_is_null() -> None:
    assert to_seconds(pl.Series(["tomorrow", "inf"]))[0].to_list() == [None, None]
    assert to_seconds(pl.Series([float("inf"), 1.0]))[0].to_list() == [None, 1]

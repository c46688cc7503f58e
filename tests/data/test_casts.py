import json
from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.data.casts import to_attributes, to_ids, to_numbers, to_seconds, to_tags, to_text
from penchant.records.errors import DataError

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


@pytest.mark.parametrize(
    "column",
    [
        pl.Series("when", ["2020-01-01", "tomorrow"]),
        pl.Series("when", ["1700000000", "tomorrow"]),
        pl.Series("when", [1.0, float("inf")]),
    ],
)
def test_a_time_that_cannot_be_read(column: pl.Series) -> None:
    with pytest.raises(DataError, match=r"timestamp must be .*row 2 of 'when' holds ('tomorrow'|inf).*columns="):
        to_seconds(column)


@pytest.mark.parametrize("values", [["4", " 3.5 ", "", "nan", None], [4.0, 3.5, None, float("nan"), None]])
def test_numbers(values: list[object]) -> None:
    assert to_numbers(pl.Series(values), "value").to_list() == [4.0, 3.5, None, None, None]


@pytest.mark.parametrize("values", [["4", "good", "bad"], ["4", "inf"], [4.0, float("-inf")], [[4, 5], [5, 4]]])
def test_what_is_no_finite_number(values: list[object]) -> None:
    with pytest.raises(DataError, match=r"value must be a finite number.*row [12] of 'stars'.*Mend or remove"):
        to_numbers(pl.Series("stars", values), "value")


def test_ids_of_large_floats_are_not_lost() -> None:
    assert None not in to_ids(pl.Series([1.0, 1e300])).to_list()


@given(st.lists(st.integers(-(2**52), 2**52) | st.none(), max_size=5))
def test_whole_floats_are_written_like_integers(numbers: list[int | None]) -> None:
    floats = pl.Series([None if n is None else float(n) for n in numbers], dtype=pl.Float64)
    assert to_text(floats).to_list() == [None if n is None else str(n) for n in numbers]


@pytest.mark.parametrize(
    ("column", "tags"),
    [
        (pl.Series("genres", ["Drama|War", "Sci-Fi", " | ", None]), [["Drama", "War"], ["Sci-Fi"], None, None]),
        (pl.Series("tags", ["a; b,c", "喜剧、爱情，动作"]), [["a", "b", "c"], ["喜剧", "爱情", "动作"]]),
        (pl.Series("class:token_seq", ["Sci-Fi Children's"]), [["Sci-Fi", "Children's"]]),
        (pl.Series("tags", [["b", "a", "b", " ", None], []]), [["b", "a"], None]),
    ],
)
def test_tags(column: pl.Series, tags: list[list[str] | None]) -> None:
    assert to_tags(column).to_list() == tags


def test_attributes_are_one_object_without_what_is_missing() -> None:
    table = pl.DataFrame(
        {"attributes": ['{"brand": "OPI"}', "plain", None], "year:token": [1995, None, None], "面": ["", "红", None]}
    )
    texts = to_attributes(table, "attributes", ("year:token", "面"))
    assert [text and json.loads(text) for text in texts] == [
        {"brand": "OPI", "year": 1995},
        {"attributes": "plain", "面": "红"},
        None,
    ]


def test_attributes_that_are_a_list_are_kept_under_their_name() -> None:
    table = pl.DataFrame({"attributes": [["OPI", "Nails"]]})
    assert to_attributes(table, "attributes", ()).to_list() == ['{"attributes": ["OPI", "Nails"]}']

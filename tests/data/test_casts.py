import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.data.casts import refuse, to_attributes, to_ids, to_numbers, to_tags, to_text, unreadable
from penchant.records.errors import DataError


@pytest.mark.parametrize("values", [["4", " 3.5 ", "", "nan", None], [4.0, 3.5, None, float("nan"), None]])
def test_numbers(values: list[object]) -> None:
    assert to_numbers(pl.Series(values)).to_list() == [4.0, 3.5, None, None, None]


@pytest.mark.parametrize(
    ("values", "bad"),
    [
        (["4", "good", "1e999", "", "nan", None], [1, 2]),
        ([4.0, float("-inf"), float("nan"), None], [1]),
        ([[4, 5], None], [0]),
    ],
)
def test_what_is_no_finite_number_is_told_from_what_is_missing(values: list[object], bad: list[int]) -> None:
    column = pl.Series("stars", values)
    assert unreadable(column, to_numbers(column)).arg_true().to_list() == bad


def test_a_column_in_which_nothing_can_be_read() -> None:
    with pytest.raises(DataError, match=r"value must be 0 to 1.*row 2 of 'stars' holds 'good'.*2 others.*Mend them"):
        refuse(pl.Series("stars", [None, "good", "bad"]), pl.Series([False, True, True]), "value", "0 to 1")


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

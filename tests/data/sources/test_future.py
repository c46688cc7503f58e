import polars as pl
import pytest

from penchant.data.leaks import leaks_in
from penchant.data.read import read
from penchant.data.sources.future import without_future


@pytest.mark.parametrize(
    "name", ["average_rating", "rating_number", "also_buy", "also_view", "related", "salesRank", "Rank"]
)
def test_sums_over_all_events_are_left_out_and_named(name: str) -> None:
    frame, notes = without_future(pl.DataFrame({"asin": ["a"], name: [1]}), "items")
    assert frame.columns == ["asin"]
    assert notes == (f"items: {name!r} is left out: it knows the future",)


def test_what_only_this_source_means_so() -> None:
    frame = pl.DataFrame({"id": ["a"], "is_open": [1], "city": ["x"]})
    assert without_future(frame, "items", ("is_open",))[0].columns == ["id", "city"]
    assert without_future(frame, "items")[0].columns == ["id", "is_open", "city"]


def test_what_a_source_leaves_out_is_a_leak_in_a_table_of_ones_own() -> None:
    """One list for both: by its names alone, whatever the values are."""
    for name in ("doubanScore", "similar", "rank", "stars", "销量"):
        row = {"item_id": "i", "title": "Lamp", name: 1}
        assert without_future(pl.DataFrame([row]), "items")[0].columns == ["item_id", "title"]
        assert [leak.rows for leak in leaks_in(read([{"user_id": "u", "item_id": "i"}], items=[row]))] == [("item i",)]

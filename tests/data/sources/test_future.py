import polars as pl
import pytest

from penchant.data.sources.future import without_future


@pytest.mark.parametrize(
    "name", ["average_rating", "rating_number", "also_buy", "also_view", "related", "salesRank", "Rank"]
)
def test_sums_over_all_events_are_left_out_and_named(name: str) -> None:
    frame, notes = without_future(pl.DataFrame({"asin": ["a"], name: [1]}), "items")
    assert frame.columns == ["asin"]
    assert notes == (f"items: {name!r} is left out: it knows the future",)


def test_what_only_this_source_means_so(tmp_path: object) -> None:
    frame = pl.DataFrame({"id": ["a"], "stars": [4.5], "city": ["x"]})
    assert without_future(frame, "items", ("stars",))[0].columns == ["id", "city"]
    assert without_future(frame, "items")[0].columns == ["id", "stars", "city"]

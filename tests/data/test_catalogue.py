import polars as pl

from penchant.data.catalogue import in_words, read_catalogue
from penchant.data.infer import infer_columns
from penchant.data.scan import RawTable
from penchant.records.words import ITEM_COLUMNS

MET = pl.Series("item_id", ["b", "new", None, "new", "a"])


def test_without_a_table_there_are_the_ids_of_the_events() -> None:
    found = read_catalogue(None, None, MET, ITEM_COLUMNS)
    assert found.rows["item_id"].to_list() == ["b", "new", "a"]
    assert found.report == {"rows_in": 0, "rows_kept": 0, "dropped": {}, "added_from_events": 3}
    assert found.rejected.is_empty()


def test_rows_that_go_are_named_by_the_owners_column() -> None:
    frame = pl.DataFrame({"asin": ["a", "", "a", "b"], "name": ["A", "B", "C", "D"]})
    found = read_catalogue(RawTable.of(frame), infer_columns(frame.columns, "items"), MET, ITEM_COLUMNS)
    assert found.rows.select("item_id", "title").rows() == [("a", "A"), ("b", "D"), ("new", None)]
    assert found.rejected.rows() == [
        ("items", 2, "no id", "asin", ""),
        ("items", 3, "duplicate id", "asin", "a"),
    ]


def test_texts_are_mended_and_ids_are_not() -> None:
    frame = pl.DataFrame(
        {
            "id": ["a&amp;b", "c"],
            "title": ["Caf\u00c3\u00a9", "x"],
            "genres": ["Action &amp; Adventure|War", None],
            "brand": ["L&#39;X", "y"],
        }
    )
    found = read_catalogue(RawTable.of(frame), infer_columns(frame.columns, "items"), MET, ITEM_COLUMNS)
    row = found.rows.row(0, named=True)
    assert (row["item_id"], row["title"], row["tags"]) == ("a&amp;b", "Café", ["Action & Adventure", "War"])
    assert row["attributes"] == '{"brand": "L\'X"}'
    assert found.report["mended"] == {
        "title": {"mojibake": 1},
        "tags": {"HTML entities": 1},
        "attributes": {"HTML entities": 1},
    }


def test_a_date_that_cannot_be_read_is_left_out_and_the_item_stays() -> None:
    frame = pl.DataFrame({"id": ["a", "b", "c"], "published_at": ["2020-01-01", "soon", None]})
    found = read_catalogue(RawTable.of(frame), infer_columns(frame.columns, "items"), MET, ITEM_COLUMNS)
    assert found.rows["created_at"].to_list() == [1_577_836_800, None, None, None]
    assert found.report["left_out"] == {"created_at": 1}


def test_words_that_nobody_gave_are_null() -> None:
    frame = in_words({"item_id": pl.Series(["a"])}, 1, ITEM_COLUMNS)
    assert dict(frame.schema) == ITEM_COLUMNS
    assert frame.row(0)[1:] == (None,) * (len(ITEM_COLUMNS) - 1)

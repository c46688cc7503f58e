import json
import os
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant.data.read import read
from penchant.records.errors import DataError
from penchant.records.words import EVENT_COLUMNS, ITEM_COLUMNS, USER_COLUMNS

CELL = st.sampled_from(["a", "b", "007", "", None])
ROW = st.fixed_dictionaries(
    {
        "user_id": CELL,
        "item_id": CELL,
        "kind": st.sampled_from(["view", "search", None]),
        "text": st.sampled_from(["", "shoes", None]),
        "timestamp": st.sampled_from([None, 1, 2, 3]),
    }
)


def events(*rows: tuple[object, ...], names: str = "user_id item_id timestamp") -> list[dict[str, object]]:
    return [dict(zip(names.split(), row, strict=True)) for row in rows]


@given(st.lists(ROW, min_size=1, max_size=12))
@settings(deadline=None, max_examples=60)
def test_no_row_is_lost_uncounted_and_what_is_left_is_sound(rows: list[dict[str, object]]) -> None:
    try:
        data = read([*rows, {"user_id": "ann", "item_id": "x", "timestamp": 9}])
    except DataError as error:
        pytest.fail(f"one good row is enough: {error}")
    report = data.report["events"]
    assert isinstance(report, dict)
    assert report["rows_in"] == len(rows) + 1 == report["rows_kept"] + sum(report["dropped"].values())
    assert report["rows_kept"] == data.events.height == data.events.unique().height
    assert data.events["timestamp"].is_sorted()
    assert data.events["user_id"].null_count() == 0
    assert data.events.filter(pl.col("item_id").is_null() & (pl.col("kind") != "search")).is_empty()
    assert set(data.events["item_id"].drop_nulls()) == set(data.items["item_id"])
    assert set(data.events["user_id"]) == set(data.users["user_id"])


@pytest.mark.parametrize("names", ["user_id item_id", "user_id item_id rating timestamp review_text"])
def test_tables_have_exactly_our_columns_and_types(names: str) -> None:
    row = {"user_id": 1, "item_id": 2, "rating": "3", "timestamp": "2020-01-01", "review_text": "fine"}
    table = [{name: row[name] for name in names.split()}]
    data = read(table, items=[{"id": 2, "year": 1999}], users=[{"id": 1, "age": 30}])
    assert dict(data.events.schema) == EVENT_COLUMNS
    assert dict(data.items.schema) == ITEM_COLUMNS
    assert dict(data.users.schema) == USER_COLUMNS


def test_what_was_read_reads_the_same_again() -> None:
    first = read(
        events(("u", "i", 5, "good", 1_700_000_000), names="user item stars review ts"),
        items=[{"item": "i", "name": "Shoe", "brand": "X", "genres": "a|b"}],
        users=[{"user": "u", "age": 30}],
    )
    again = read(first.events, items=first.items, users=first.users)
    assert again.events.equals(first.events)
    assert again.items.equals(first.items)
    assert again.users.equals(first.users)
    assert again.rating_scale == first.rating_scale == (1, 5)


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ({}, "view"),
        ({"rating": 4}, "rate"),
        ({"rating": 4, "review": "good"}, "review"),
        ({"rating": 4, "review": " "}, "rate"),
        ({"hours": 4}, "view"),
        ({"action": "Buy"}, "purchase"),
        ({"event_type": "rating", "rating": 4}, "rate"),
        ({"event_type": "wave"}, "wave"),
        ({"event_type": "", "rating": 4}, "rate"),
    ],
)
def test_kinds(row: dict[str, object], kind: str) -> None:
    assert read([{"user": "u", "item": "i"} | row]).events["kind"].to_list() == [kind]


def test_ties_of_time_keep_the_order_of_the_file() -> None:
    data = read(events(("u", "c", 20), ("u", "a", 10), ("u", "d", 20), ("u", "b", 20), ("u", "e", 10)))
    assert data.events["item_id"].to_list() == ["a", "e", "c", "d", "b"]
    assert not data.has_clock
    assert any("an order and no clock" in note for note in data.notes)


def test_without_times_the_rows_are_the_order() -> None:
    data = read(events(("u", "b"), (None, "x"), ("u", "a"), names="user item"))
    assert data.events["item_id"].to_list() == ["b", "a"]
    assert data.events["timestamp"].to_list() == [0, 1]
    assert not data.has_clock
    assert any("there are no times" in note for note in data.notes)


def test_a_time_column_without_times_is_none() -> None:
    data = read(events(("u", "b", None), ("u", "a", "")))
    assert data.events["timestamp"].to_list() == [0, 1]


def test_every_dropped_row_has_one_reason() -> None:
    data = read(
        [
            {"user_id": "u", "item_id": "i", "kind": "view", "text": None, "timestamp": 1},
            {"user_id": "u", "item_id": "i", "kind": "view", "text": None, "timestamp": 1},
            {"user_id": "", "item_id": None, "kind": "view", "text": None, "timestamp": 2},
            {"user_id": "u", "item_id": None, "kind": "view", "text": "x", "timestamp": 3},
            {"user_id": "u", "item_id": None, "kind": "search", "text": "", "timestamp": 4},
            {"user_id": "u", "item_id": None, "kind": "search", "text": "shoes", "timestamp": 5},
            {"user_id": "u", "item_id": "i", "kind": "view", "text": None, "timestamp": None},
        ]
    )
    dropped = {"no user": 1, "no item": 2, "no timestamp": 1, "duplicate": 1}
    assert data.report["events"] == {"rows_in": 7, "rows_kept": 7 - 5, "dropped": dropped}
    assert "events: 2 of 7 rows dropped: no item" in data.notes
    assert data.events["text"].to_list() == [None, "shoes"]


def test_the_first_row_of_an_item_stays_and_unknown_ones_are_added() -> None:
    data = read(
        events(("u", "new", 2), ("v", "a", 1)),
        items=[{"id": "a", "name": "first"}, {"id": "a", "name": "second"}, {"id": None, "name": "x"}, {"id": "z"}],
        users=[{"user": "v", "age": 3}],
    )
    assert data.items.select("item_id", "title").rows() == [("a", "first"), ("z", None), ("new", None)]
    assert data.users.select("user_id", "attributes").rows() == [("v", '{"age": 3}'), ("u", None)]
    dropped = {"no id": 1, "duplicate id": 1}
    assert data.report["items"] == {"rows_in": 4, "rows_kept": 4 - 2, "dropped": dropped, "added_from_events": 1}
    assert "items: 1 of 4 rows dropped: duplicate id" in data.notes
    assert "items: 1 ids of the events have no row of their own and were added" in data.notes


def test_columns_go_to_every_table_that_has_them() -> None:
    data = read(
        [{"who": "u", "what": "i", "when": 1}],
        items=[{"what": "i", "called": "Shoe"}],
        columns={"user_id": "who", "item_id": "what", "timestamp": "when", "title": "called"},
    )
    assert data.items["title"].to_list() == ["Shoe"]
    assert data.events.select("user_id", "item_id", "timestamp").rows() == [("u", "i", 1)]


def test_years_are_attributes_and_no_times() -> None:
    data = read([{"user": "u", "item": "i"}], items=[{"item": "i", "year": 1995, "release_year": "1996"}])
    assert json.loads(data.items["attributes"][0]) == {"year": 1995, "release_year": "1996"}
    assert data.items["created_at"].to_list() == [None]


def test_equal_ratings_have_no_scale() -> None:
    data = read(events(("u", "i", 1), ("u", "j", 1), names="user item rating"))
    assert data.rating_scale is None
    assert any("all ratings are equal" in note for note in data.notes)


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"events": [{"user": "u", "item": "i", "stars": "good"}]}, r"row 1 of 'stars' holds 'good'.*Mend"),
        ({"events": [{"user": "u", "item": "i", "stars": float("inf")}]}, r"row 1 of 'stars' holds inf"),
        ({"events": [{"user": "u", "item": "i", "ts": "tomorrow"}]}, r"timestamp must be .*ISO 8601.*holds 'tomorrow'"),
        (
            {"events": [{"user": "u", "item": "i", "ts": "1899-12-30"}]},
            r"No event is left of 1: \{'time before 1973': 1\}",
        ),
        ({"events": pl.DataFrame({"user": [], "item": []})}, r"events table has no rows"),
        ({"events": [{"user": "u", "item": "i"}], "items": []}, r"items table has no rows"),
        ({"events": [{"user": None, "item": "i"}]}, r"No event is left of 1: \{'no user': 1\}"),
        (
            {"events": [{"user": "u", "item": "i", "ts": timedelta(1)}]},
            r"No timestamp can be read from 'ts', whose type is D",
        ),
        ({"events": [{"user": timedelta(1), "item": "i"}]}, r"No user_id can be read from 'user'.*Convert it"),
        ({"events": [{"user": "u", "price": 1}]}, r"'item_id'.*user, price"),
        (
            {"events": [{"user": "u", "item": "i"}], "items": [{"name": "x"}]},
            r"items table needs a column for 'item_id'",
        ),
        ({"events": [{"user": "u", "item": "i"}], "columns": {"usr": "user"}}, r"'usr' is none"),
        ({"events": [{"user": "u", "item": "i"}], "columns": {"user_id": "usr"}}, r"Did you mean 'user'"),
    ],
)
def test_mistakes(tables: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(**tables)  # type: ignore[arg-type]


@pytest.mark.skipif("PENCHANT_DATA" not in os.environ, reason="$PENCHANT_DATA names no folder of data sets")
def test_tables_of_real_data_sets_are_read_as_they_are() -> None:
    folders = sorted(path.parent for path in Path(os.environ["PENCHANT_DATA"]).glob("*/interactions.parquet"))
    assert len(folders) >= 5
    for folder in folders:
        catalogue = folder / "items.parquet"
        data = read(folder / "interactions.parquet", items=catalogue if catalogue.exists() else None)
        report = data.report["events"]
        assert isinstance(report, dict)
        assert report["rows_in"] == pl.scan_parquet(folder / "interactions.parquet").select(pl.len()).collect().item()
        assert report["rows_in"] == report["rows_kept"] + sum(report["dropped"].values()), folder.name
        assert report["rows_kept"] == data.events.height >= 0.8 * report["rows_in"], folder.name
        assert dict(data.events.schema) == EVENT_COLUMNS, folder.name
        assert dict(data.items.schema) == ITEM_COLUMNS, folder.name
        assert data.events["timestamp"].is_sorted(), folder.name
        assert not data.has_clock or data.events["timestamp"].min() > 8 * 10**8, folder.name  # type: ignore[operator]
        if catalogue.exists() and "title" in pl.read_parquet_schema(catalogue):
            assert data.items["title"].is_not_null().any(), folder.name

from dataclasses import replace

import numpy as np
import polars as pl

from penchant.data.read import read
from penchant.data.rows import event_parts, event_texts, to_events
from penchant.records.vocabulary import Vocabulary
from penchant.records.words import KINDS

TABLE = [
    {"user_id": "u", "item_id": "a", "kind": "review", "value": 4.0, "text": "good", "timestamp": 1},
    {"user_id": "u", "item_id": None, "kind": "search", "value": None, "text": "shoes", "timestamp": 2},
    {"user_id": "v", "item_id": "gone", "kind": "review", "value": 1.0, "text": "bad", "timestamp": 3},
    {"user_id": "stranger", "item_id": "a", "kind": "review", "value": 1.0, "text": "worse", "timestamp": 4},
    {"user_id": "v", "item_id": "b", "kind": "play", "value": 90.0, "text": " ", "timestamp": 5},
    {"user_id": "v", "item_id": "a", "kind": "wave", "value": None, "text": "hi", "timestamp": 6},
    {"user_id": "v", "item_id": "a", "kind": "rate", "value": 2.5, "text": None, "timestamp": 7},
]
USERS, ITEMS = Vocabulary(["v", "u"]), Vocabulary(["a", "b"])


def test_rows_of_known_users_and_items() -> None:
    events = to_events(read(TABLE), USERS, ITEMS)
    assert events.user_rows.tolist() == [1, 1, 0, 0, 0]
    assert events.item_rows.tolist() == [0, -1, 1, 0, 0]
    assert events.timestamps.tolist() == [1, 2, 5, 6, 7]
    assert [KINDS[code] for code in events.kinds] == ["review", "search", "play", "other", "rate"]


def test_only_ratings_have_values() -> None:
    events = to_events(read(TABLE), USERS, ITEMS)
    np.testing.assert_array_equal(events.values, np.array([4.0, np.nan, np.nan, np.nan, 2.5], np.float32))


def test_values_of_other_kinds_are_amounts_where_there_are_any() -> None:
    played = [
        {"user_id": "a", "item_id": "x", "kind": "play", "value": 1.5},
        {"user_id": "a", "item_id": "y", "kind": "view"},
    ]
    rated = {"user_id": "a", "item_id": "x", "kind": "rate", "value": 4.0}
    events = to_events(read([*played, rated]), Vocabulary(["a"]), Vocabulary(["x", "y"]))
    np.testing.assert_array_equal(events.amounts, np.array([1.5, np.nan, np.nan], np.float32))
    assert to_events(read([rated, {**rated, "value": 2.0}]), Vocabulary(["a"]), Vocabulary(["x"])).amounts is None


def test_texts_are_numbered_in_order_over_the_known_events() -> None:
    data = read(TABLE)
    assert to_events(data, USERS, ITEMS).text_rows.tolist() == [0, 1, -1, 2, -1]
    assert event_texts(data, USERS, ITEMS) == ["good", "shoes", "hi"]


def test_types_are_those_of_the_record() -> None:
    events = to_events(read(TABLE), USERS, ITEMS)
    kinds = ["int32", "int32", "int64", "float32", "int16", "int32", "float32"]
    assert [str(array.dtype) for array in vars(events).values() if array is not None] == kinds


def test_nobody_known_is_no_event() -> None:
    nobody = Vocabulary([])
    assert len(to_events(read(TABLE), nobody, ITEMS)) == 0
    assert event_texts(read(TABLE), nobody, ITEMS) == []


def test_parts_go_with_their_events() -> None:
    words = ["train", "train", "test", "test", "valid", "dev", "测试"]
    table = [row | {"split": word} for row, word in zip(TABLE, words, strict=True)]
    found = event_parts(read(table), USERS, ITEMS)
    assert found is not None
    assert found.tolist() == ["train", "train", "valid", "valid", "test"]
    assert event_parts(read(TABLE), USERS, ITEMS) is None


def test_weights_follow_their_events() -> None:
    """Rows 2 and 3 of the clean table have no known item or user; row 5 of it is the fourth event here."""
    data = read(TABLE)
    assert to_events(data, USERS, ITEMS).weights is None
    weights = pl.DataFrame({"row": [2, 5], "weight": [0.1, 0.5], "reasons": [["x"], ["y"]]})
    events = to_events(replace(data, weights=weights), USERS, ITEMS)
    assert events.weights is not None
    assert events.weights.tolist() == [1, 1, 1, 0.5, 1]

from typing import Any

import polars as pl
import pytest

from penchant.data.read import read, read_narrow
from penchant.records.data import Data
from penchant.stages.label_coverage import label_coverage
from penchant.stages.tasks import TASKS

ROWS = [
    ("a", "x", 100, "impression", None, None),
    ("a", "y", 100, "impression", None, None),
    ("a", "x", 101, "click", None, None),
    ("a", "x", 102, "purchase", None, None),
    ("a", None, 103, "search", None, "red shoes"),
    ("b", "y", 104, "review", 5.0, "很好"),
    ("b", "x", 105, "review", 1.0, "dull"),
    ("b", "z", 106, "review", 3.0, None),
    ("b", "z", 107, "play", 60.0, None),
    ("b", "y", 108, "play", 90.0, None),
]
ITEMS = [{"item_id": "x", "tags": "red"}, {"item_id": "y", "tags": "blue|red"}, {"item_id": "z", "tags": None}]


def table() -> pl.DataFrame:
    return pl.DataFrame(ROWS, schema=["user_id", "item_id", "timestamp", "kind", "value", "text"], orient="row")


@pytest.fixture
def data() -> Data:
    return read(table(), items=ITEMS)


def found(data: Data, **options: Any) -> dict[str, tuple[int, int]]:
    return {name: (told["labels"], told["rows"]) for name, told in label_coverage(data, **options).items()}


def test_every_task_counts_its_own_labels(data: Data) -> None:
    assert found(data) == {
        "next_item": (7, 8),  # all but the impressions, and the search has no item
        "rating": (3, 8),
        "like": (3, 8),
        "tags": (5, 8),  # z has none
        "click": (2, 2),
        "conversion": (2, 2),
        "purchase": (3, 8),  # the click and the plays
        "dwell": (2, 8),
        "return_gap": (6, 8),  # the last event of each waits for nothing
        "interests": (7, 8),
        "sentiment": (2, 3),  # of the three events with a text: 3 of 5 stars is neither, but it has none
    }
    assert list(found(data)) == list(TASKS)


def test_what_a_task_lacks_is_said() -> None:
    told = label_coverage(
        read([{"user": "u", "item": "i", "stars": 4, "ts": 1}, {"user": "v", "item": "j", "stars": 4, "ts": 2}])
    )
    lacks = {name: one["lacks"] for name, one in told.items() if one["lacks"]}
    assert lacks["click"] == "no impressions"
    assert lacks["sentiment"] == "no reviews"
    assert lacks["dwell"] == "no label for it"
    assert lacks["rating"].startswith("all its labels are 0")
    assert "no tags and no phrases" in lacks["interests"]
    assert "next_item" not in lacks
    assert "`impression`" in told["click"]["needs"]
    assert told["next_item"]["needs"] == ""


def test_of_many_events_some_people_are_looked_at_with_all_that_they_did(data: Data) -> None:
    assert found(data, most_events=9)["next_item"] == (2, 3)  # of the first of two people
    assert found(data, most_events=10) == found(data)
    narrow = read_narrow(table(), items=ITEMS)
    assert found(narrow, most_events=9) == found(data, most_events=9)

import polars as pl
import pytest

from penchant.records.errors import DataError
from penchant.stages.impressions import check_place, impressions


def test_lists_become_events_and_what_is_not_there_is_left_out() -> None:
    lists = pl.DataFrame(
        {"user_id": ["u", "u"], "item_id": ["a", "b"], "rank": [1, 2], "propensity": [0.5, None], "score": [2.0, 1]}
    )
    assert impressions(lists) == [
        {"kind": "impression", "user_id": "u", "item_id": "a", "propensity": 0.5, "position": 1},
        {"kind": "impression", "user_id": "u", "item_id": "b", "position": 2},
    ]
    timed = impressions(lists.with_columns(timestamp=pl.lit(7)))
    assert [event["timestamp"] for event in timed] == [7, 7]


def test_a_list_for_nobody_or_without_places_is_refused() -> None:
    with pytest.raises(DataError, match="rank is missing"):
        impressions(pl.DataFrame({"user_id": ["u"], "item_id": ["a"]}))
    with pytest.raises(DataError, match="Give every row a user_id"):
        impressions(pl.DataFrame({"user_id": [None], "item_id": ["a"], "rank": [1]}))


@pytest.mark.parametrize("event", [{"position": 0}, {"propensity": 0.0}, {"propensity": 1.01}])
def test_ranges(event: dict[str, float]) -> None:
    with pytest.raises(DataError, match="found"):
        check_place(event)


def test_what_is_in_range_or_absent_passes() -> None:
    for event in ({"position": 1, "propensity": 1.0}, {"position": None}, {}):
        check_place(event)

"""What may enter the log."""

import time
from typing import Any

import pytest

from penchant.records.errors import DataError
from penchant.serving.incoming import DAY, check_events
from penchant.stages.model import Model


@pytest.mark.parametrize(
    ("event", "rule"),
    [
        ({"item_id": "i1", "value": 6.0}, "between 1 and 5, found 6"),
        ({"item_id": "i1", "kind": "review", "value": 0.5}, "between 1 and 5"),
        ({"item_id": "i1", "timestamp": 12}, "found 12"),
        ({"item_id": "i1", "timestamp": 10**12}, "seconds since 1970"),
        ({"item_id": "i1", "kind": "$item"}, "do not begin with"),
        ({"kind": "view"}, "needs an item_id or a text"),
        ({"item_id": "i1", "colour": "red"}, "Unknown key 'colour'"),
        ({"item_id": "i1", "kind": "impression", "position": 0}, "from 1, found 0"),
    ],
)
def test_what_may_not(small_model: Model, event: dict[str, Any], rule: str) -> None:
    with pytest.raises(DataError, match=rule):
        check_events(small_model, [{"user_id": "u1", "item_id": "i1"}, {"user_id": "u1", **event}])


def test_what_may(small_model: Model) -> None:
    """A price is on no scale; an unknown item may come later; tomorrow is as late as a clock may be ahead."""
    now = int(time.time())
    events: list[dict[str, Any]] = [
        {"item_id": "i1", "kind": "purchase", "value": 1e6},
        {"item_id": "unheard of", "value": 5.0},
        {"item_id": "i1", "timestamp": now + DAY - 60},
    ]
    check_events(small_model, [{"user_id": "u1", **event} for event in events])


def test_a_clock_that_went_back_three_days_refuses_nobody(small_model: Model) -> None:
    ahead = int(time.time()) + 3 * DAY
    with pytest.raises(DataError, match="until tomorrow"):
        check_events(small_model, [{"user_id": "u1", "item_id": "i1", "timestamp": ahead}])
    check_events(small_model, [{"user_id": "u1", "item_id": "i1", "timestamp": ahead}], newest=ahead)

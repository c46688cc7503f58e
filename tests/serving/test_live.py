"""A model at work, fed from a log."""

import time

import pytest

from penchant.serving.events.log import Logged
from penchant.serving.live import Live
from penchant.stages.model import Model


def row(sequence: int, **event: object) -> Logged:
    return Logged(sequence=sequence, tenant="default", event=event, received_at=2_000_000_000_000_000 + sequence)


def test_nothing_is_applied_twice(small_model: Model) -> None:
    live = Live(small_model, applied=2)
    live.apply([row(2, user_id="new", item_id="i1"), row(3, user_id="new", item_id="i2", kind="like")])
    live.apply([row(3, user_id="new", item_id="i2", kind="like")])
    assert [event["item_id"] for event in small_model.history("new")] == ["i2"]
    assert live.applied == 3


def test_an_event_without_a_time_happened_when_it_came(small_model: Model) -> None:
    live = Live(small_model)
    live.apply([row(1, user_id="new", item_id="i1"), row(2, user_id="new", item_id="i2", timestamp=1_700_000_000)])
    assert [event["timestamp"] for event in small_model.history("new")] == [1_700_000_000, 2_000_000_000]
    assert live.newest == 2_000_000_000 > time.time()


def test_a_bad_event_is_left_out_alone(small_model: Model, caplog: pytest.LogCaptureFixture) -> None:
    live = Live(small_model)
    live.apply([row(1, user_id="new", item_id="i1"), row(2, user_id="new"), row(3, user_id="new", item_id="i3")])
    assert [event["item_id"] for event in small_model.history("new")] == ["i3", "i1"]
    assert live.applied == 3
    assert "event 2 of the log is left out: DataError" in caplog.text


def test_impressions_are_shown_and_no_history(small_model: Model) -> None:
    live = Live(small_model)
    live.apply([row(1, user_id="new", item_id="i1", kind="impression", position=2, propensity=0.5)])
    assert small_model.history("new") == []
    kept = small_model.events.tail(1).to_dicts()[0]
    assert (kept["user_id"], kept["position"], kept["propensity"]) == ("new", 2, 0.5)

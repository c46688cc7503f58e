"""Which rows each table asks about, how much is known when it does, and what came of them."""

import numpy as np
import pytest

from penchant.records.events import Events
from penchant.records.words import KINDS
from penchant.tasks.tables import ask_events, ask_impressions, ask_returns, ask_reviews

DAY = 86_400


def events_of(*rows: tuple[int, int, int, str]) -> Events:
    """(person, item, time, kind) in order of time; the second of all has a text."""
    users, items, times, kinds = zip(*rows, strict=True)
    return Events(
        user_rows=np.array(users, np.int32),
        item_rows=np.array(items, np.int32),
        timestamps=np.array(times, np.int64),
        values=np.full(len(rows), np.nan, np.float32),
        kinds=np.array([KINDS.index(kind) for kind in kinds], np.int16),
        text_rows=np.array([-1, 0, *[-1] * (len(rows) - 2)], np.int32),
    )


def test_events_are_asked_about_just_before_they_happen_and_impressions_tell_nothing() -> None:
    asked = ask_events(events_of((0, 1, 5, "view"), (0, 2, 6, "impression"), (1, 3, 7, "view"), (0, 4, 9, "view")))
    assert asked.rows.tolist() == [0, 2, 3]
    assert asked.known.tolist() == [0, 0, 1]
    assert asked.waits.tolist() == [0, 0, 9 - 5]


def test_returns_are_asked_about_right_after_an_event_without_its_wait() -> None:
    asked = ask_returns(events_of((0, 1, 5, "view"), (1, 3, 7, "view"), (0, 4, 9, "view")))
    assert asked.known.tolist() == [1, 1, 2]
    assert asked.waits.tolist() == [0, 0, 0]
    assert asked.outcomes["gap"].tolist() == pytest.approx([9 - 5, np.nan, np.nan], nan_ok=True)


def test_an_impression_is_clicked_by_a_click_on_the_same_item_within_a_day() -> None:
    asked = ask_impressions(
        events_of(
            (0, 1, 5, "impression"),
            (0, 2, 5, "impression"),
            (0, 3, 5, "impression"),
            (1, 1, 6, "click"),
            (0, 1, 8, "click"),
            (0, 1, 9, "purchase"),
            (0, 2, 5 + DAY, "click"),
            (0, 3, 6 + DAY, "click"),
        )
    )
    assert asked.events.item_rows.tolist() == [1, 2, 3]
    assert asked.outcomes["clicked"].tolist() == [1, 1, 0]
    assert asked.outcomes["bought"].tolist() == [1, 0, 0]


def test_logs_that_keep_a_click_in_place_of_its_impression_are_read_as_shown() -> None:
    asked = ask_impressions(
        events_of((0, 7, 1, "click"), (0, 1, 5, "impression"), (0, 2, 5, "click"), (1, 2, 5, "click"))
    )
    assert asked.rows.tolist() == [1, 2]  # not the click before the log, nor that of somebody else
    assert asked.outcomes["clicked"].tolist() == [0, 1]


def test_of_what_was_shown_only_what_came_strictly_before_is_known() -> None:
    asked = ask_impressions(
        events_of((0, 7, 1, "click"), (0, 2, 5, "click"), (0, 1, 5, "impression"), (0, 1, 9, "impression"))
    )
    assert asked.known.tolist() == [1, 1, 2]
    assert asked.waits.tolist() == [4, 4, 4]


def test_a_review_speaks_for_itself() -> None:
    asked = ask_reviews(events_of((0, 1, 5, "view"), (0, 2, 6, "review"), (1, 3, 7, "view")))
    assert asked.rows.tolist() == [1]
    assert asked.events.text_rows.tolist() == [0]


@pytest.mark.parametrize("ask", [ask_events, ask_impressions, ask_returns, ask_reviews])
def test_rows_keep_their_outcomes_when_taken(ask: object) -> None:
    events = events_of((0, 1, 5, "impression"), (0, 2, 5, "impression"), (0, 2, 6, "click"), (0, 1, 7, "view"))
    asked = ask(events)  # type: ignore[operator]
    some = asked.take(np.arange(len(asked))[::-1])
    assert some.rows.tolist() == asked.rows[::-1].tolist()
    for name, values in asked.outcomes.items():
        assert some.outcomes[name].tolist() == pytest.approx(values[::-1].tolist(), nan_ok=True)


@pytest.mark.parametrize("ask", [ask_events, ask_impressions, ask_returns, ask_reviews])
def test_no_events_are_no_rows(ask: object) -> None:
    assert len(ask(events_of((0, 1, 5, "view"), (0, 1, 5, "view")).take(np.zeros(0, np.int64)))) == 0  # type: ignore[operator]

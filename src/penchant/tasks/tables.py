"""The tables that tasks learn from: which rows are asked about, and how much of a person is known when each is asked.

Tasks of different tables have different rows. Legend: N events, A rows of a table.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal, Self

import numpy as np

from penchant.records.events import Events
from penchant.records.words import KINDS

TableName = Literal["events", "impressions", "returns", "reviews"]
IMPRESSION, CLICK, PURCHASE = (KINDS.index(kind) for kind in ("impression", "click", "purchase"))
MOST_SECONDS = 86_400
"""So long after it was shown a click still counts as the click of that showing."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Rows that are asked about.

    `events`: who, with which item (-1: none), when, and what labels read (A rows); `rows`: their places among the events that
    the table was made of; `known`: how many events of the person's history had come before; `waits`: time since the last of
    them; all int64 (A,). `outcomes`: what came of each row, by name, NaN where it is not known, float32 (A,).
    """

    events: Events
    rows: np.ndarray
    known: np.ndarray
    waits: np.ndarray
    outcomes: dict[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.events)

    def take(self, index: np.ndarray) -> Self:
        """The rows at the given positions or under the given boolean mask, in their order."""
        outcomes = {name: values[index] for name, values in self.outcomes.items()}
        return type(self)(
            events=self.events.take(index),
            rows=self.rows[index],
            known=self.known[index],
            waits=self.waits[index],
            outcomes=outcomes,
        )


def history(events: Events) -> Events:
    """The events that tell of a person: all but mere impressions."""
    return events if events.tell_of_people.all() else events.take(events.tell_of_people)


def ask_events(events: Events) -> Asked:
    """Each event of the history is asked about just before it: `bought`, whether the person buys its item further on (0 or 1),
    NaN for purchases and for events without an item."""
    told = history(events)
    known, waits = _before(told, told)
    rows = np.flatnonzero(events.tell_of_people)
    return Asked(events=told, rows=rows, known=known, waits=waits, outcomes={"bought": _bought_after(told)})


def ask_returns(events: Events) -> Asked:
    """Each event of the history is asked about right after it: `gap`, the time to the person's next one, NaN for the last."""
    told = history(events)
    known, _ = _before(told, told)
    order = np.lexsort((known, told.user_rows))
    gaps = np.full(len(told), np.nan, np.float32)
    same = told.user_rows[order][1:] == told.user_rows[order][:-1]
    between = np.diff(told.timestamps[order])
    gaps[order[:-1][same]] = between[same]
    rows, no_wait = np.flatnonzero(events.tell_of_people), np.zeros(len(told), np.int64)
    return Asked(events=told, rows=rows, known=known + 1, waits=no_wait, outcomes={"gap": gaps})


def ask_impressions(events: Events) -> Asked:
    """What was shown, with `clicked` and `bought` (0 or 1); asked with what was known strictly before its time.

    Shown are impressions, and clicks of people to whom something else was shown at the same time (logs that keep a click in
    place of its impression). An impression was clicked if a click on the same item follows within a day, and bought if it
    was clicked and the person buys the item at that time or later.
    """
    shown = events.kinds == IMPRESSION
    clicks = events.kinds == CLICK
    (moments,) = _keys((events.user_rows, events.timestamps))
    own, click_row = _next_of(events, shown, clicks)
    within = own & (events.timestamps[click_row] - events.timestamps <= MOST_SECONDS)
    taken = np.zeros(len(events), bool)
    taken[click_row[within]] = True
    alone = clicks & ~taken & np.isin(moments, moments[shown]) & (events.item_rows >= 0)
    rows = np.flatnonzero((shown & (events.item_rows >= 0)) | alone)
    clicked = (within | alone)[rows]
    bought, _ = _next_of(events, shown | alone, events.kinds == PURCHASE)
    asked = events.take(rows)
    known, waits = _before(asked, history(events), strictly=True)
    outcomes = {"clicked": clicked.astype(np.float32), "bought": (clicked & bought[rows]).astype(np.float32)}
    return Asked(events=asked, rows=rows, known=known, waits=waits, outcomes=outcomes)


def ask_reviews(events: Events) -> Asked:
    """The events that have a text. Nobody's state is asked: the text speaks for itself."""
    rows = np.flatnonzero(events.text_rows >= 0)
    nothing = np.zeros(len(rows), np.int64)
    return Asked(events=events.take(rows), rows=rows, known=nothing, waits=nothing)


TABLES: dict[TableName, Callable[[Events], Asked]] = {
    "events": ask_events,
    "impressions": ask_impressions,
    "returns": ask_returns,
    "reviews": ask_reviews,
}


def _bought_after(told: Events) -> np.ndarray:
    """In the order of the history rather than by time: what stands before an event is known when it is asked about."""
    purchases = told.kinds == PURCHASE
    of = ~purchases & (told.item_rows >= 0)
    found, _ = _next_of(replace(told, timestamps=np.arange(len(told))), of, purchases)
    return np.where(of, found, np.nan).astype(np.float32)


def _before(asked: Events, told: Events, strictly: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """How many events of `told` each person had before each row of `asked`, and how long ago the last of them was.

    strictly: those of an earlier time; else `asked` is `told`, and those that stand earlier.
    """
    order = np.lexsort((np.arange(len(told)), told.user_rows))
    users, times = told.user_rows[order], told.timestamps[order]
    starts = np.searchsorted(users, asked.user_rows, side="left")
    if strictly:
        known_keys, wanted = _keys((users, times), (asked.user_rows, asked.timestamps))
        ends = np.searchsorted(known_keys, wanted, side="left")
    else:
        ends = np.empty(len(told), np.int64)
        ends[order] = np.arange(len(told))
    known = ends - starts
    last = times[np.maximum(ends - 1, 0)] if len(told) else np.zeros(len(asked), np.int64)
    return known, np.where(known > 0, asked.timestamps - last, 0).astype(np.int64)


def _keys(*given: tuple[np.ndarray, np.ndarray]) -> list[np.ndarray]:
    """(number, time) pairs as whole numbers of the same order, int64, comparable among all that are given."""
    times = np.concatenate([times for _, times in given])
    start = int(times.min(initial=0))
    span = int(times.max(initial=0)) - start + 1
    return [numbers.astype(np.int64) * span + (times - start) for numbers, times in given]


def _next_of(events: Events, of: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each event under the mask `of`: whether a `wanted` one of the same person and item comes at its time or later,
    and its row (0 where not). bool (N,), int64 (N,)."""
    found, row = np.zeros(len(events), bool), np.zeros(len(events), np.int64)
    targets = np.flatnonzero(wanted)
    if not len(targets):
        return found, row
    pair = events.user_rows.astype(np.int64) * (int(events.item_rows.max(initial=0)) + 2) + events.item_rows + 1
    pair = np.unique(pair, return_inverse=True)[1]
    targets = targets[np.lexsort((events.timestamps[targets], pair[targets]))]
    asked = np.flatnonzero(of)
    keys, wanted_keys = _keys((pair[targets], events.timestamps[targets]), (pair[asked], events.timestamps[asked]))
    place = np.searchsorted(keys, wanted_keys, side="left")
    inside = place < len(targets)
    row[asked] = targets[np.minimum(place, len(targets) - 1)]
    found[asked] = inside & (pair[row[asked]] == pair[asked])
    return found, np.where(found, row, 0)

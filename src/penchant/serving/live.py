"""One version of a model at work: committed events reach it in the order of the log, and none of them twice.

What may enter the log is asked in `incoming`; how it is kept there is the log's matter.
"""

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import Any

from penchant.records.errors import PenchantError
from penchant.serving.events.log import MICROSECONDS, OURS, Logged
from penchant.stages.model import Model

LOG = logging.getLogger("penchant.serving")
BATCH = 10_000
"""So many events are applied at once."""
EVENT, IMPRESSION, ITEM, GONE = "event", "impression", f"{OURS}item", f"{OURS}gone"
"""Sorts of rows of the log: the last two are the server's own kinds, for an item that was told of and one that is gone."""


class Live:
    """For one thread at a time. `applied`: the sequence up to which the model knows the log; `number`: of the version; `newest`:
    the latest that it can have been: the time of the newest event that the version knew, or when a later one came in."""

    def __init__(self, model: Model, applied: int = 0, number: int = 1) -> None:
        self.model = model
        self.applied = applied
        self.number = number
        self.newest = int(model.events["timestamp"].max() or 0)  # type: ignore[arg-type]

    def apply(self, logged: Iterable[Logged]) -> None:
        """Events of the log in their order; those that are applied already are passed over."""
        rows = iter(logged)
        while batch := list(islice(rows, BATCH)):
            for row_kind, some in groupby(self._new(batch), key=_sort):
                self._take(row_kind, list(some))
            self.applied = max(self.applied, batch[-1].sequence)

    def forget(self, user_id: str, since: Iterable[Logged] = ()) -> None:
        """Makes somebody a stranger, but for what the log holds of them since."""
        self.model.forget(user_id)
        own = (row for row in since if row.event.get("user_id") == user_id and row.sequence <= self.applied)
        for row_kind, some in groupby(own, key=_sort):
            self._take(row_kind, list(some))

    def _new(self, batch: Sequence[Logged]) -> Iterator[Logged]:
        return (row for row in batch if row.sequence > self.applied)

    def _take(self, sort: str, rows: Sequence[Logged]) -> None:
        """All at once; one by one where something is wrong with them, so that a bad one is left out alone.

        It was asked at the door whether they are right, but the door may have been another version's.
        """
        try:
            events = [self._timed(row) for row in rows]
            self._taker(sort)(events)
            self.newest = max(self.newest, *(row.received_at // MICROSECONDS for row in rows))
        except PenchantError as error:
            if len(rows) == 1:
                LOG.warning("event %d of the log is left out: %s", rows[0].sequence, type(error).__name__)
            for row in rows if len(rows) > 1 else ():
                self._take(sort, [row])

    def _taker(self, sort: str) -> Callable[[list[dict[str, Any]]], object]:
        takers = {EVENT: self.model.observe, IMPRESSION: self._shown, ITEM: self._put, GONE: self._remove}
        return takers[sort]

    def _shown(self, events: list[dict[str, Any]]) -> None:
        self.model.shown([{**event, "rank": event.get("position", 1)} for event in events])

    def _put(self, events: list[dict[str, Any]]) -> None:
        last = {event["item_id"]: json.loads(event["context"]) for event in events}
        self.model.added.put(list(last.values()))

    def _remove(self, events: list[dict[str, Any]]) -> None:
        self.model.added.remove(event["item_id"] for event in events)

    def _timed(self, row: Logged) -> dict[str, Any]:
        """An event that says no time happened when it came; where times are an order, it is the model that says so."""
        if not self.model.about["has_clock"]:
            return row.event
        return {"timestamp": row.received_at // MICROSECONDS, **row.event}


def _sort(row: Logged) -> str:
    kind = row.event.get("kind")
    return kind if kind in (IMPRESSION, ITEM, GONE) else EVENT


def item_event(item: Mapping[str, Any]) -> dict[str, Any]:
    """What the log keeps of an item that was told of.

    >>> item_event({"item_id": "i1", "title": "Jazz"})
    {'kind': '$item', 'item_id': 'i1', 'context': '{"item_id": "i1", "title": "Jazz"}'}
    """
    return {"kind": ITEM, "item_id": item["item_id"], "context": json.dumps(item, ensure_ascii=False)}


def gone_event(item_id: str) -> dict[str, Any]:
    """What the log keeps of an item that is gone."""
    return {"kind": GONE, "item_id": item_id}

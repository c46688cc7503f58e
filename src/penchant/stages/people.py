"""The known people and what they did: who they are, the events of each, and what time it is. Knows no model.

One table and an index of it. New events wait beside the table in the order in which they came, and join it when they have
become many, so that an event costs the same however many there are.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

FEWEST_WAITING = 10_000
"""So many new events may always wait, and as many as a quarter of the table; one takes about a kilobyte."""
IMPRESSION = "impression"

Event = Mapping[str, Any]


class People:
    """`events`: in our columns, each with a person. Threads may share it.

    >>> one = pl.DataFrame({"user_id": ["u"], "item_id": ["a"], "timestamp": [5], "kind": ["view"]})
    >>> known = People(one)
    >>> known.add(one.with_columns(item_id=pl.lit("b"), timestamp=pl.lit(7)))
    >>> known.ids, known.of(["u"])["item_id"].to_list(), known.newest
    (['u'], ['a', 'b'], 7)
    """

    def __init__(self, events: pl.DataFrame) -> None:
        self._lock = threading.RLock()
        self._newest = 0
        self._settle(events)

    def __contains__(self, person: object) -> bool:
        return person in self._places or person in self._waiting_of

    def __len__(self) -> int:
        """How many people."""
        return len(self._ids)

    @property
    def ids(self) -> list[str]:
        """In the order in which they came."""
        with self._lock:
            return list(self._ids)

    @property
    def newest(self) -> int:
        """The time of the newest event, which is now; 0 without events."""
        return self._newest

    @property
    def events(self) -> pl.DataFrame:
        """Everybody's, in the order in which they were written down."""
        with self._lock:
            return self._with(self._table, self._waiting)

    def of(self, people: Iterable[str]) -> pl.DataFrame:
        """The events of some people, each person's in their order; unknown people have none."""
        asked = list(dict.fromkeys(people))
        with self._lock:
            places = [place for person in asked if (place := self._places.get(person)) is not None]
            rows = [self._order[slice(*self._ptr[place : place + 2])] for place in places]
            known = self._table[np.concatenate(rows)] if rows else self._table.clear()
            return self._with(known, [event for person in asked for event in self._waiting_of.get(person, ())])

    def num_told(self, person: str) -> int:
        """How many events tell of the person; mere impressions tell nothing."""
        return self._num_told.get(person, 0)

    def add(self, events: pl.DataFrame) -> None:
        """New events in our columns, each with a person, in their order."""
        with self._lock:
            for event in events.iter_rows(named=True):
                self._add(event)
            if len(self._waiting) > max(FEWEST_WAITING, len(self._table) // 4):
                self._settle(self.events)

    def _add(self, event: Event) -> None:
        person = event["user_id"]
        if person not in self:
            self._ids.append(person)
        self._waiting.append(event)
        self._waiting_of.setdefault(person, []).append(event)
        self._newest = max(self._newest, event["timestamp"] or 0)
        if event["kind"] != IMPRESSION:
            self._num_told[person] = self._num_told.get(person, 0) + 1

    def _settle(self, events: pl.DataFrame) -> None:
        """All of it into the table, indexed anew."""
        tells = (pl.col("kind") != IMPRESSION).sum().alias("told")
        own = events.with_row_index("row").group_by("user_id", maintain_order=True).agg("row", tells)
        self._table = events
        self._ids: list[str] = own["user_id"].to_list()
        self._places = {person: place for place, person in enumerate(self._ids)}
        self._num_told: dict[str, int] = dict(zip(self._ids, own["told"].to_list(), strict=True))
        self._order = own["row"].explode().to_numpy()
        self._ptr = np.concatenate([[0], np.cumsum(own["row"].list.len().to_numpy())]).astype(np.int64)
        self._waiting: list[Event] = []
        self._waiting_of: dict[str, list[Event]] = {}
        self._newest = int(events["timestamp"].max() or 0)  # type: ignore[arg-type]

    def _with(self, known: pl.DataFrame, new: Sequence[Event]) -> pl.DataFrame:
        return pl.concat([known, pl.DataFrame(new, schema=known.schema)]) if new else known

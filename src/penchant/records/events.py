"""Events in row space, and the histories that a recommender is asked about.

Legend: N events, B people, I items of the catalogue, E extra contents (raw items that nobody trained on).
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from penchant.records.words import KINDS, NEGATIVE_KINDS

NO_ROW = -1


@dataclass(frozen=True, kw_only=True)
class Events:
    """Parallel arrays of N events, ordered by time; ties keep the order in which they were written down."""

    user_rows: np.ndarray  # int32 (N,)
    item_rows: np.ndarray  # int32 (N,), -1 = no item (a search)
    timestamps: np.ndarray  # int64 (N,), seconds, or an order
    values: np.ndarray  # float32 (N,), NaN = none; the rating for rating kinds
    kinds: np.ndarray  # int16 (N,), index into words.KINDS
    text_rows: np.ndarray  # int32 (N,), row of the event's own text vector, -1 = none
    weights: np.ndarray | None = None  # float32 (N,) in (0, 1], how far each is believed; None: all of them wholly
    amounts: np.ndarray | None = None  # float32 (N,), values of other kinds, such as seconds; NaN = none, None: all NaN

    def __len__(self) -> int:
        return len(self.user_rows)

    def take(self, index: np.ndarray) -> Self:
        """The events at the given positions or under the given boolean mask, in their order."""
        given = ((f.name, getattr(self, f.name)) for f in fields(self))
        taken: dict[str, Any] = {name: None if values is None else values[index] for name, values in given}
        return type(self)(**taken)

    @property
    def trust(self) -> np.ndarray:
        """`weights`, or all ones; float32 (N,)."""
        return np.ones(len(self), np.float32) if self.weights is None else self.weights

    def believed(self, rng: np.random.Generator) -> np.ndarray:
        """bool (N,): each event with the chance of its weight, so that whoever counts the chosen ones counts by weight."""
        if self.weights is None:
            return np.ones(len(self), bool)
        return np.asarray(rng.random(len(self)) < self.trust)

    @property
    def speak_for_items(self) -> np.ndarray:
        """bool (N,): somebody chose an item; not a search, a dislike, a skip or a mere impression."""
        negative = [KINDS.index(kind) for kind in NEGATIVE_KINDS]
        return (self.item_rows >= 0) & ~np.isin(self.kinds, negative)

    @property
    def tell_of_people(self) -> np.ndarray:
        """bool (N,): somebody did something; a mere impression was done to them, and says nothing of them."""
        return np.asarray(self.kinds != KINDS.index("impression"))

    def grouped(self, num_users: int) -> tuple[np.ndarray, np.ndarray]:
        """`order, ptr`: events of user u are `order[ptr[u]:ptr[u + 1]]`, oldest first."""
        order = np.argsort(self.user_rows, kind="stable")
        counts = np.bincount(self.user_rows, minlength=num_users)
        return order, np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


@dataclass(frozen=True, kw_only=True)
class Histories:
    """What is known of B people at the moment of a request: one CSR of past events, oldest first.

    `item_rows` may point past the catalogue, into `extra_vectors`: raw items that came with the request
    (row I + j is extra_vectors[j]). `text_rows` points into `text_vectors`: searches and reviews.
    """

    ptr: np.ndarray  # int64 (B + 1,)
    item_rows: np.ndarray  # int32 (N,)
    timestamps: np.ndarray  # int64 (N,)
    values: np.ndarray  # float32 (N,)
    kinds: np.ndarray  # int16 (N,)
    text_rows: np.ndarray  # int32 (N,)
    request_times: np.ndarray  # int64 (B,)
    text_vectors: np.ndarray | None = None  # float32 (T, d)
    extra_vectors: np.ndarray | None = None  # float32 (E, d)
    amounts: np.ndarray | None = None  # float32 (N,), as of `Events`
    streams: np.ndarray | None = (
        None  # int64 (N,): an event grows older by later ones of its stream alone; None: by all
    )
    extra_domains: np.ndarray | None = None  # int64 (E,), as the catalogue numbers domains, -1 = unknown; None: all are
    extra_numbers: np.ndarray | None = None  # float32 (E, N), features made of their numbers; None: none

    def __len__(self) -> int:
        return len(self.ptr) - 1

    @property
    def lengths(self) -> np.ndarray:
        """Number of past events of each person, int64 (B,)."""
        return np.diff(self.ptr)

    @property
    def owners(self) -> np.ndarray:
        """Which of the B people each event belongs to, int64 (N,)."""
        return np.repeat(np.arange(len(self)), self.lengths)

    @property
    def steps_back(self) -> np.ndarray:
        """0 for a person's newest event, 1 for the one before, ...; int64 (N,)."""
        return np.repeat(self.ptr[1:], self.lengths) - 1 - np.arange(len(self.item_rows))

    @property
    def ages(self) -> np.ndarray:
        """Time between each person's newest event and the request, int64 (B,); 0 without a history."""
        ages = np.zeros(len(self), np.int64)
        some = self.lengths > 0
        ages[some] = self.request_times[some] - self.timestamps[self.ptr[1:][some] - 1]
        return np.maximum(ages, 0)

    def select(self, rows: np.ndarray | slice | Sequence[int]) -> Self:
        """The histories of some of the people, in the given order."""
        rows = np.arange(len(self))[rows]
        lengths = self.lengths[rows]
        ptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        index = np.repeat(self.ptr[:-1][rows] - ptr[:-1], lengths) + np.arange(ptr[-1])
        return type(self)(
            ptr=ptr,
            item_rows=self.item_rows[index],
            timestamps=self.timestamps[index],
            values=self.values[index],
            kinds=self.kinds[index],
            text_rows=self.text_rows[index],
            request_times=self.request_times[rows],
            text_vectors=self.text_vectors,
            extra_vectors=self.extra_vectors,
            amounts=None if self.amounts is None else self.amounts[index],
            streams=None if self.streams is None else self.streams[index],
            extra_domains=self.extra_domains,
            extra_numbers=self.extra_numbers,
        )


def histories_of(
    events: Events,
    user_rows: np.ndarray,
    request_times: np.ndarray,
    num_users: int,
    text_vectors: np.ndarray | None = None,
) -> Histories:
    """The whole past of each of the given users (row -1: a person without one), but for mere impressions.

    `events` holds only what may be known: nothing here looks at `request_times` but to carry it along.
    """
    if not events.tell_of_people.all():
        events = events.take(events.tell_of_people)
    order, ptr = events.grouped(num_users)
    known = user_rows >= 0
    lengths = np.where(known, np.diff(ptr)[user_rows], 0)
    starts = np.where(known, ptr[:-1][user_rows], 0)
    new_ptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    index = order[np.repeat(starts - new_ptr[:-1], lengths) + np.arange(new_ptr[-1])]
    return Histories(
        ptr=new_ptr,
        item_rows=events.item_rows[index],
        timestamps=events.timestamps[index],
        values=events.values[index],
        kinds=events.kinds[index],
        text_rows=events.text_rows[index],
        request_times=np.asarray(request_times, np.int64),
        text_vectors=text_vectors,
        amounts=None if events.amounts is None else events.amounts[index],
    )


def no_history(num_people: int, request_time: int = 0) -> Histories:
    """People of whom nothing is known.

    >>> len(no_history(3)), no_history(3).lengths.tolist()
    (3, [0, 0, 0])
    """
    nothing = np.zeros(0, np.int32)
    return Histories(
        ptr=np.zeros(num_people + 1, np.int64),
        item_rows=nothing,
        timestamps=np.zeros(0, np.int64),
        values=np.zeros(0, np.float32),
        kinds=np.zeros(0, np.int16),
        text_rows=nothing,
        request_times=np.full(num_people, request_time, np.int64),
    )

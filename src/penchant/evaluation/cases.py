"""Cases: what a system may see of a person, and the items that it should have found. Builds them, scores nothing.

Legend: N events, C cases, R relevant items of all cases together, I items of the catalogue, U people.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from penchant.records.errors import DataError, LeakError
from penchant.records.events import Events, Histories, histories_of


@dataclass(frozen=True, kw_only=True)
class Cases:
    """C questions to a recommender, with the answers. Relevant items are distinct and never in the case's history."""

    histories: Histories  # C people, each at the moment of the request
    user_rows: np.ndarray  # int32 (C,)
    relevant_ptr: np.ndarray  # int64 (C + 1,)
    relevant_rows: np.ndarray  # int32 (R,), of case c: relevant_rows[relevant_ptr[c]:relevant_ptr[c + 1]]
    known_users: np.ndarray  # bool (C,), the person was in training
    known_items: np.ndarray  # bool (I,), the item was in training

    def __post_init__(self) -> None:
        lengths = (len(self.histories), len(self.user_rows), len(self.relevant_ptr) - 1, len(self.known_users))
        if len(set(lengths)) > 1:
            raise DataError(
                f"Every case needs a history, a user, relevant items and a known flag, but the numbers are {lengths}. "
                "Build cases with `window_cases` or `last_cases`."
            )

    def __len__(self) -> int:
        return len(self.user_rows)

    @property
    def num_items(self) -> int:
        """Size of the catalogue."""
        return len(self.known_items)

    @property
    def num_relevant(self) -> np.ndarray:
        """Number of relevant items of each case, int64 (C,)."""
        return np.diff(self.relevant_ptr)

    @property
    def relevant_owners(self) -> np.ndarray:
        """Which case each relevant item belongs to, int64 (R,)."""
        return np.repeat(np.arange(len(self)), self.num_relevant)

    def select(self, rows: np.ndarray | slice) -> Self:
        """Some of the cases (positions, slice or boolean mask), in the given order."""
        rows = np.arange(len(self))[rows]
        lengths = self.num_relevant[rows]
        ptr = _ptr(lengths)
        index = np.repeat(self.relevant_ptr[:-1][rows] - ptr[:-1], lengths) + np.arange(ptr[-1])
        return replace(
            self,
            histories=self.histories.select(rows),
            user_rows=self.user_rows[rows],
            relevant_ptr=ptr,
            relevant_rows=self.relevant_rows[index],
            known_users=self.known_users[rows],
        )

    def among(self, item_mask: np.ndarray) -> Self:
        """The cases for which an item under `item_mask` (bool (I,)) is relevant, with those relevant items only."""
        kept = item_mask[self.relevant_rows]
        lengths = np.bincount(self.relevant_owners[kept], minlength=len(self))
        thinned = replace(self, relevant_ptr=_ptr(lengths), relevant_rows=self.relevant_rows[kept])
        return thinned.select(lengths > 0)


def window_cases(
    events: Events,
    *,
    history_mask: np.ndarray,
    target_mask: np.ndarray,
    fitted_mask: np.ndarray,
    num_users: int,
    num_items: int,
    request_time: int | None = None,
    text_vectors: np.ndarray | None = None,
) -> Cases:
    """Global time: one case for each person who meets new items in the target window.

    Relevant are the distinct items of the person's events under `target_mask` that are not among the items under
    `history_mask`; who has none drops out. Every request is made at `request_time`, by default the first timestamp of
    the window. Known are the people and items of the events under `fitted_mask`. Masks are bool (N,).

    Raises: LeakError if history or fitting reaches past the request, or fitting into the window.
    """
    targets = np.flatnonzero(target_mask & (events.item_rows >= 0))
    start = int(events.timestamps[targets].min(initial=np.iinfo(np.int64).max))
    request_time = start if request_time is None else request_time
    _check_unfitted(fitted_mask, targets)
    _check_past(events, history_mask | fitted_mask, min(request_time, start))

    past = history_mask & (events.item_rows >= 0)
    new = np.setdiff1d(_keys(events, targets, num_items), _keys(events, past, num_items))
    user_rows, counts = np.unique(new // max(num_items, 1), return_counts=True)
    times = np.full(len(user_rows), request_time, np.int64)
    return Cases(
        histories=histories_of(events.take(history_mask), user_rows, times, num_users, text_vectors),
        user_rows=user_rows.astype(np.int32),
        relevant_ptr=_ptr(counts),
        relevant_rows=(new % max(num_items, 1)).astype(np.int32),
        **_known(events.take(fitted_mask), user_rows, num_users, num_items),
    )


def last_cases(
    events: Events,
    *,
    history_mask: np.ndarray,
    target_mask: np.ndarray,
    fitted_mask: np.ndarray,
    num_users: int,
    num_items: int,
    text_vectors: np.ndarray | None = None,
) -> Cases:
    """Leave last out: one case for each person, whose last event under `target_mask` is the one relevant item.

    The history is what stands before that event in the order of `events`, under `history_mask`; whoever had met the
    item before drops out. Nothing is known of that event, not even its time: the request is made at the time of the
    person's newest history event, and without a history at the first relevant event of anybody.
    Known are the people and items of the events under `fitted_mask`. Masks are bool (N,).

    Raises: LeakError if a relevant event was fitted on.
    """
    last = np.full(num_users, -1, np.int64)
    candidates = np.flatnonzero(target_mask & (events.item_rows >= 0))
    last[events.user_rows[candidates]] = candidates  # in order of time: the last assignment stays
    before = history_mask & (np.arange(len(events)) < last[events.user_rows])
    met = _keys(events, before & (events.item_rows >= 0), num_items)
    targets = last[last >= 0]
    targets = targets[~np.isin(_keys(events, targets, num_items), met)]
    _check_unfitted(fitted_mask, targets)

    user_rows = events.user_rows[targets]
    newest = np.full(num_users, events.timestamps[targets].min(initial=np.iinfo(np.int64).max))
    newest[events.user_rows[before]] = events.timestamps[before]  # in order of time: the last assignment stays
    return Cases(
        histories=histories_of(events.take(before), user_rows, newest[user_rows], num_users, text_vectors),
        user_rows=user_rows,
        relevant_ptr=np.arange(len(targets) + 1, dtype=np.int64),
        relevant_rows=events.item_rows[targets],
        **_known(events.take(fitted_mask), user_rows, num_users, num_items),
    )


def _keys(events: Events, index: np.ndarray, num_items: int) -> np.ndarray:
    """One number for each pair of person and item, int64."""
    keys: np.ndarray = events.user_rows[index].astype(np.int64) * num_items + events.item_rows[index]
    return keys


def _ptr(lengths: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _known(fitted: Events, user_rows: np.ndarray, num_users: int, num_items: int) -> dict[str, np.ndarray]:
    users, items = np.zeros(num_users, bool), np.zeros(num_items, bool)
    users[fitted.user_rows] = True
    items[fitted.item_rows[fitted.item_rows >= 0]] = True
    return {"known_users": users[user_rows], "known_items": items}


def _check_unfitted(fitted_mask: np.ndarray, targets: np.ndarray) -> None:
    seen = int(fitted_mask[targets].sum())
    if seen:
        raise LeakError(
            f"Nothing is scored on events that it was fitted on, but {seen} of {len(targets)} target events were. "
            "Fit on earlier events only."
        )


def _check_past(events: Events, mask: np.ndarray, request_time: int) -> None:
    late = int((events.timestamps[mask] > request_time).sum())
    if late:
        raise LeakError(
            f"History and fitting end where the target window begins ({request_time}), but {late} of their events are "
            "later. Move the window, or leave those events out."
        )

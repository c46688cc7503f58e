"""Hard rules of a list: what may be shown at all, how much of one kind, what stands where. They weigh nothing.

A rule is never broken to fill a list: where the candidates that are left all break one, the list ends there, and `shortage`
says why. Rules that contradict each other, whatever the candidates, are refused at once.
Legend: B people, C candidates of each, I items, M groups of one item at most, G groups, k list length.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from penchant.ranking.rerank.reranker import NOTHING, Candidates, Reranker
from penchant.records.errors import ConfigError, DataError


@dataclass(frozen=True, kw_only=True)
class Cap:
    """At most `limits[g]` items of group g in a list; 0 blocks the group. `name`: of the attribute, `labels`: of its groups,
    for messages.

    groups: int (I,) such as sellers, or (I, M) such as genres; -1 = none. limits: one number for all, or int (G,).
    Raises: DataError for groups that no limit is given for, ConfigError for a limit below 0.
    """

    name: str
    groups: np.ndarray
    limits: int | np.ndarray
    labels: Sequence[str] = ()

    def __post_init__(self) -> None:
        limits = np.asarray(self.limits)
        if not np.issubdtype(limits.dtype, np.integer) or limits.min(initial=0) < 0:
            raise ConfigError(f"A cap on {self.name} is a whole number of at least 0, found {self.limits!r}. 0 blocks.")
        if limits.ndim and self.groups.max(initial=-1) >= len(limits):
            raise DataError(
                f"Each group of {self.name} needs a limit, but group {self.groups.max()} has none of {len(limits)}. "
                "Give one for each, or one number for all."
            )

    @property
    def members(self) -> np.ndarray:
        """int (I, M): the groups of each item, -1 fills."""
        return self.groups[:, None] if self.groups.ndim == 1 else self.groups

    def limits_of(self, groups: np.ndarray) -> np.ndarray:
        """int32, the limit of each group, of any shape; of no group one that is never reached."""
        limits = np.asarray(self.limits)
        own = limits[np.maximum(groups, 0)] if limits.ndim else np.broadcast_to(limits, groups.shape)
        return np.where(groups >= 0, own, np.iinfo(np.int32).max).astype(np.int32)


def groups_of(categories: np.ndarray) -> np.ndarray:
    """0 or 1 (I, T) as the groups of each item, int64 (I, M), -1 fills.

    >>> groups_of(np.array([[1, 0, 1], [0, 1, 0], [0, 0, 0]])).tolist()
    [[0, 2], [1, -1], [-1, -1]]
    """
    inside = categories > 0
    width = max(1, int(inside.sum(axis=1).max(initial=0)))
    order = np.argsort(~inside, axis=1, kind="stable")[:, :width]
    return np.where(np.take_along_axis(inside, order, 1), order, NOTHING)


class Rules(Reranker):
    """allowed: bool (I,), what is available and on no block list; None: all. pins: place (from 0) -> item row. names: of items,
    for messages.

    A pin stands at its place if it is among a person's candidates and k reaches it, and counts in the caps; other places
    are filled in the given order. Caps are looked at one item at a time, places left to pins further down taken into account.
    Raises: ConfigError for pins that are not allowed, appear twice or break a cap among themselves.
    """

    def __init__(
        self,
        *,
        allowed: np.ndarray | None = None,
        caps: Sequence[Cap] = (),
        pins: Mapping[int, int] | None = None,
        names: Sequence[str] = (),
    ) -> None:
        self.allowed, self.caps, self.pins, self.names = allowed, tuple(caps), dict(pins or {}), names
        _check_pins(self.pins, self.caps, allowed)

    def rerank(self, candidates: Candidates, k: int) -> np.ndarray:
        order, _ = self._walk(candidates, k)
        return order

    def shortage(self, candidates: Candidates, k: int) -> list[str]:
        """A sentence for each person: why the list ends before k, or a pin is missing; "" where nothing is amiss."""
        order, counts = self._walk(candidates, k)
        return [self._told(candidates.part(slice(b, b + 1)), order[b], counts[:, b], k) for b in range(len(order))]

    def _walk(self, candidates: Candidates, k: int) -> tuple[np.ndarray, np.ndarray]:
        """The order, and how many candidates are left over: not allowed, then those that each cap stopped; (1 + caps, B)."""
        state = _Walk(candidates, self.caps)
        barred = np.zeros_like(state.left) if self.allowed is None else ~self.allowed[candidates.rows] & state.left
        state.left &= ~barred
        order = np.full((len(candidates), k), NOTHING, np.int64)
        for place, row in self.pins.items():
            if place < k:
                _put(order, place, *state.pin(row))
        for place in range(k):
            picked, some = state.next()
            some &= order[:, place] < 0
            state.take(picked, some)
            _put(order, place, picked, some)
        left_over = [barred.sum(axis=1), *((full & state.left).sum(axis=1) for full in state.full())]
        return _closed_up(order), np.stack(left_over)

    def _told(self, one: Candidates, order: np.ndarray, left_over: np.ndarray, k: int) -> str:
        shown = one.at(order[None])[0]
        rows = [row for place, row in self.pins.items() if place < k and row not in shown]
        missing = [self.names[row] for row in rows] if self.names else rows
        pins = f"Pinned items {missing} are not among the candidates. Add them." if missing else ""
        found = int((order >= 0).sum())
        if found == k:
            return pins
        names = ["not allowed", *(f"over the cap on {cap.name}" for cap in self.caps)]
        why = [f"{count} {name}" for name, count in zip(names, left_over, strict=True) if count]
        told = f"{found} of {k} places are filled: of {int(one.possible.sum())} candidates {', '.join(why) or 'none is left'}."
        return f"{told} Give more candidates, or ease a rule. {pins}".rstrip()


class _Walk:
    """Who is left, and how many more of each candidate's groups the lists may hold."""

    def __init__(self, candidates: Candidates, caps: Sequence[Cap]) -> None:
        self.left = candidates.possible
        self.rows = np.where(self.left, candidates.item_rows, NOTHING)
        self.people = np.arange(len(self.left))
        self.groups = [cap.members[candidates.rows] for cap in caps]  # each (B, C, M)
        self.room = [cap.limits_of(groups) for cap, groups in zip(caps, self.groups, strict=True)]

    def full(self) -> list[np.ndarray]:
        """bool (B, C) for each cap: one more would be too many."""
        return [np.any(room <= 0, axis=2) for room in self.room]

    def next(self) -> tuple[np.ndarray, np.ndarray]:
        """The first position that breaks no rule (B,), and whether there is one."""
        free = self.left & ~np.logical_or.reduce([np.zeros_like(self.left), *self.full()])
        return (free.argmax(axis=1), free.any(axis=1)) if free.shape[1] else (self.people * 0, self.people < 0)

    def pin(self, row: int) -> tuple[np.ndarray, np.ndarray]:
        """Takes one item wherever it is a candidate."""
        here = (self.rows == row) & self.left
        picked, some = (here.argmax(axis=1), here.any(axis=1)) if here.shape[1] else self.next()
        self.take(picked, some)
        return picked, some

    def take(self, picked: np.ndarray, some: np.ndarray) -> None:
        who, what = self.people[some], picked[some]
        self.left[who, what] = False
        for groups, room in zip(self.groups, self.room, strict=True):
            for group in groups[who, what].T:
                same = np.flatnonzero(group >= 0)
                room[who[same]] -= groups[who[same]] == group[same, None, None]


def _put(order: np.ndarray, place: int, picked: np.ndarray, some: np.ndarray) -> None:
    order[some, place] = picked[some]


def _closed_up(order: np.ndarray) -> np.ndarray:
    """A pin below the end of a short list moves up: no hole stays."""
    return np.take_along_axis(order, np.argsort(order < 0, axis=1, kind="stable"), 1)


def _check_pins(pins: Mapping[int, int], caps: Sequence[Cap], allowed: np.ndarray | None) -> None:
    rows = np.array(list(pins.values()), np.int64)
    if min(pins, default=0) < 0 or len(set(pins.values())) < len(pins):
        raise ConfigError(f"Each pin is another item at a place from 0, found {dict(pins)}. Name each item once.")
    if allowed is not None and not allowed[rows].all():
        raise ConfigError(f"Item {rows[~allowed[rows]][0]} is pinned, but not allowed. Take back one of the two.")
    for cap in caps:
        groups, counts = np.unique(cap.members[rows], return_counts=True)
        over = groups[counts > cap.limits_of(groups)]
        if len(over):
            label = repr(cap.labels[over[0]]) if cap.labels else f"group {over[0]}"
            raise ConfigError(f"The pins alone break the cap on {cap.name}, in {label}. Pin fewer, or raise it.")

"""Thompson sampling beside a model: what people were shown, and what came of it. It learns; it draws no list.

What a person was shown waits until it is known what came of it: an event with an item of the list tells at once; what is left
when the person gets the next list has earned nothing.
Legend: D features of a person and an item together.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import polars as pl

from penchant.ranking.explore.posterior import Prior
from penchant.ranking.explore.thompson import Thompson, ThompsonConfig
from penchant.records.words import LIKE_SHARE, RATING_KINDS

FOLDER = "explore"
MAX_PEOPLE, MAX_ITEMS = 10_000, 200_000
"""So many people's lists wait at once, with so many items in all, which is 50 MB; the list that has waited longest has earned
nothing."""
CONFIG = ThompsonConfig(width=20, num_draws=256, score_weight=0.1, prior=Prior(prior_scale=0.1))
"""Near the ranking at first: a deviation of its score is worth as much as one of a weight that is not known yet."""

WAITING = {"user_id": pl.String(), "item_id": pl.String(), "features": pl.List(pl.Float32)}
List = dict[str, np.ndarray]
"""Features (D,) of the moment of showing, by item."""


class Learner:
    """`thompson` changes with every event. Threads may share it."""

    def __init__(self, thompson: Thompson, waiting: dict[str, List] | None = None) -> None:
        self.thompson = thompson
        self.waiting = waiting or {}
        self.offered: dict[str, List] = {}
        self._begun: set[str] = set()
        self._lock = threading.Lock()

    @classmethod
    def start(cls, item_vectors: np.ndarray) -> Self:
        """Nothing learned yet. item_vectors: (I, d). Raises: DataError without items that differ."""
        return cls(Thompson.start(item_vectors, CONFIG))

    def offer(self, people: Sequence[str | None], lists: Iterable[Mapping[str, np.ndarray]]) -> None:
        """What `recommend` answered to each; whether it was shown is not known yet."""
        with self._lock:
            for person, items in zip(people, lists, strict=True):
                if person is not None:
                    self._begun.discard(person)
                    self.offered.pop(person, None)
                    self.offered[person] = dict(items)
            _drop_oldest(self.offered)

    def show(self, person: str, item_ids: Iterable[str]) -> None:
        """What of it was shown: now it waits, and what the person was shown before has earned nothing.

        A list may be shown bit by bit. What was not offered teaches nothing.
        """
        with self._lock:
            before = self.waiting.pop(person, {})
            if person not in self._begun:
                self._nothing_came_of(before)
                before = {}
            offered = self.offered.get(person, {})
            self._begun.add(person)
            self.waiting[person] = before | {item: offered[item] for item in item_ids if item in offered}
            for dropped in _drop_oldest(self.waiting):
                self._nothing_came_of(dropped)

    def see(self, logged: pl.DataFrame) -> None:
        """`show` for impressions in our columns."""
        for (person,), part in logged.group_by("user_id", maintain_order=True):
            self.show(str(person), part["item_id"].to_list())

    def reward(self, person: str, item_id: str, reward: float) -> bool:
        """What came of showing an item; whether it had waited for that."""
        with self._lock:
            features = self.waiting.get(person, {}).pop(item_id, None)
            if features is not None:
                self.thompson.learn(features, reward)
            return features is not None

    def forget(self, person: str) -> None:
        """What a person was offered or shown waits no more, and nothing comes of it."""
        with self._lock:
            self.waiting.pop(person, None)
            self.offered.pop(person, None)
            self._begun.discard(person)

    def observe(self, events: pl.DataFrame, scale: tuple[float, float]) -> int:
        """Events in our columns; how many of them taught something. scale: of the ratings."""
        told = ((row, reward_of(row, scale)) for row in events.iter_rows(named=True))
        return sum(self.reward(row["user_id"], row["item_id"], value) for row, value in told if value is not None)

    def save(self, state: Path) -> None:
        """Into a folder of its own below `state`; what was offered and not shown is not kept."""
        with self._lock:
            self.thompson.save(state / FOLDER)
            rows = [(who, item, some.tolist()) for who, items in self.waiting.items() for item, some in items.items()]
        table = pl.DataFrame(rows, schema=WAITING, orient="row")
        table.write_parquet(state / f"{FOLDER}.parquet")

    @classmethod
    def load(cls, state: Path) -> Self | None:
        """What `save` wrote, if it did. Raises: ArtifactError if it is damaged."""
        if not (state / FOLDER).exists():
            return None
        waiting: dict[str, List] = {}
        for person, item, features in pl.read_parquet(state / f"{FOLDER}.parquet").iter_rows():
            waiting.setdefault(person, {})[item] = np.array(features, np.float32)
        return cls(Thompson.load(state / FOLDER), waiting)

    def _nothing_came_of(self, items: List) -> None:
        for features in items.values():
            self.thompson.learn(features, 0.0)


def _drop_oldest(lists: dict[str, List]) -> list[List]:
    """Takes out, and gives, those that have waited longest, as far as there are too many."""
    dropped, num_items = [], sum(map(len, lists.values()))
    while len(lists) > MAX_PEOPLE or num_items > MAX_ITEMS:
        dropped.append(lists.pop(next(iter(lists))))
        num_items -= len(dropped[-1])
    return dropped


def reward_of(event: Mapping[str, Any], scale: tuple[float, float]) -> float | None:
    """1 for an event that speaks for its item, 0 for one against it, None for one that tells nothing of a list.

    >>> told = [("click", None), ("rate", 4.0), ("rate", 2.0), ("skip", None), ("impression", None)]
    >>> [reward_of({"item_id": "i", "kind": kind, "value": value}, (1, 5)) for kind, value in told]
    [1.0, 1.0, 0.0, 0.0, None]
    """
    low, high = scale
    if event["item_id"] is None or event["kind"] == "impression":
        return None
    if event["kind"] in ("dislike", "skip"):
        return 0.0
    rated = event["kind"] in RATING_KINDS and event["value"] is not None
    return float(not rated or event["value"] >= low + LIKE_SHARE * (high - low))


def lists_of(names: Sequence[str], item_rows: np.ndarray, features: np.ndarray) -> Iterator[List]:
    """Of each person's rows (B, k), -1 for none, and their features (B, k, D)."""
    for rows, given in zip(item_rows, features, strict=True):
        yield {names[row]: some for row, some in zip(rows, given, strict=True) if row >= 0}

"""The model that answers now, shared by all requests. Knows no HTTP."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Protocol

from penchant.records.data import FrameKind
from penchant.records.errors import ConfigError

Record = dict[str, Any]


class Servable(Protocol):
    """What serving asks of a model; `penchant.load` gives one."""

    frame: FrameKind

    @property
    def user_ids(self) -> Sequence[str]: ...

    def recommend(
        self,
        user_ids: Any = None,
        history: Any = None,
        items: Any = None,
        k: int = 10,
        exclude_seen: bool = True,
        candidates: Any = None,
    ) -> Any: ...

    def predict(self, pairs: Any, history: Any = None) -> Any: ...

    def observe(self, events: list[Record]) -> int: ...

    def history(self, user_id: str, limit: int = 50) -> list[Record]: ...

    def item(self, item_id: str) -> Record | None: ...

    def describe(self) -> Record: ...


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One question for recommendations: a person's id, or what a stranger did, oldest first."""

    user_id: str | None
    history: list[Record]
    items: list[Record]
    candidates: list[str] | None
    k: int
    exclude_seen: bool
    with_predictions: bool


class LiveModel:
    """A model and the people it knows by now; one caller at a time, from whichever thread.

    Raises:
        ConfigError: the model answers in another frame than records.
    """

    def __init__(self, model: Servable) -> None:
        if model.frame != "records":
            raise ConfigError(
                f"A served model answers with records, this one with {model.frame}. Load it with frame='records'."
            )
        self._model = model
        self._lock = Lock()
        self._people = dict.fromkeys(model.user_ids)
        self.version = str(model.describe()["version"])

    def recommend(self, ask: Ask) -> tuple[bool, list[Record]]:
        """Whether the person is known, and the items best first, each with its title and tags."""
        with self._lock:
            known = ask.user_id in self._people
            ranked = self._model.recommend(
                user_ids=ask.user_id if known else None,
                history=None if known else ask.history,
                items=ask.items or None,
                k=ask.k,
                exclude_seen=ask.exclude_seen,
                candidates=ask.candidates,
            )
            contents = self._contents(ranked, ask.items)
            predicted = self._predict(ask, known, contents) if ask.with_predictions else {}
        return known, [_merge(row, contents[row["item_id"]], predicted.get(row["item_id"], {})) for row in ranked]

    def observe(self, events: list[Record]) -> int:
        """Takes events in; the next answer knows them. Returns how many were taken."""
        with self._lock:
            taken = self._model.observe(events)
            self._people.update(dict.fromkeys(event["user_id"] for event in events))
        return taken

    def people(self, query: str, limit: int) -> tuple[list[str], int]:
        """Ids that contain `query` in any letter case, those that begin with it first; and how many there are."""
        wanted = query.casefold()
        with self._lock:
            found = [name for name in self._people if wanted in name.casefold()]
        found.sort(key=lambda name: not name.casefold().startswith(wanted))
        return found[:limit], len(found)

    def history(self, user_id: str, limit: int) -> list[Record] | None:
        """What a person did, newest first; None for a person nobody knows."""
        with self._lock:
            if user_id not in self._people:
                return None
            rows = self._model.history(user_id, limit)
        return [row | {"value": _finite(row.get("value"))} for row in rows]

    def item(self, item_id: str) -> Record | None:
        """The content of an item of the catalogue."""
        with self._lock:
            return self._model.item(item_id)

    def describe(self) -> Record:
        """Name, version, size, tasks and counts of the model."""
        with self._lock:
            return self._model.describe()

    def _contents(self, ranked: Iterable[Record], raw_items: Iterable[Record]) -> dict[str, Record]:
        raw = {item["item_id"]: item for item in raw_items}
        names = [row["item_id"] for row in ranked]
        return {name: self._model.item(name) or raw.get(name, {}) for name in names}

    def _predict(self, ask: Ask, known: bool, contents: dict[str, Record]) -> dict[str, Record]:
        """Predictions by item; what came raw with the request has none."""
        raw = {item["item_id"] for item in ask.items}
        pairs = [{"user_id": ask.user_id if known else None, "item_id": name} for name in contents if name not in raw]
        rows = self._model.predict(pairs, history=None if known else ask.history) if pairs else []
        return {row["item_id"]: row for row in rows}


def _merge(ranked: Record, content: Record, predicted: Record) -> Record:
    return {
        "item_id": ranked["item_id"],
        "title": content.get("title"),
        "tags": content.get("tags"),
        "score": _finite(ranked["score"]),
        "rank": ranked["rank"],
        "rating": _finite(predicted.get("rating")),
        "like": _finite(predicted.get("like")),
    }


def _finite(number: float | None) -> float | None:
    """JSON has no NaN: what is not finite is unknown."""
    return float(number) if number is not None and math.isfinite(number) else None

"""A small recommender in memory, for tests of the server and the page.

It suffices because it keeps the promises that serving relies on: the methods and answers of a loaded model, people
and histories that grow with `observe`, lists that follow what was just done, predictions per pair, and the same typed
errors for a user's mistakes. How good the lists are is tested where they are made.
"""

import time
from collections.abc import Sequence
from typing import Any

from penchant.records.data import FrameKind
from penchant.records.errors import DataError

Record = dict[str, Any]

FILMS = """
The Lighthouse Winter|drama sea|A keeper and his daughter spend a winter alone on a rock in the northern sea.
Orbit of Strangers|science-fiction space|Six people who have never met must bring a broken station home.
Paper Lanterns|romance drama|A letter written in Kyoto is answered forty years later.
The Clockmaker's Heist|crime comedy|Four retired watchmakers plan the slowest robbery in history.
Red Dust Station|science-fiction space western|The sheriff of a mining town on Mars has three days of air.
A Field Guide to Silence|documentary nature|A year with the last people who record quiet places.
Moth|horror|Something in the attic is drawn to the light, and to the children.
Saltwater Kings|adventure sea|Two brothers race a storm for a wreck that may not exist.
Breakfast in Trieste|romance comedy|A translator falls for the author she has been improving for years.
The Ninth Violin|music drama|A luthier is asked to copy an instrument that was never found.
Small Gods of the Subway|animation fantasy|The spirits of forgotten stations look for somewhere to stay.
Night Shift at the Observatory|science-fiction romance|An answer arrives on the night when only the cleaner is there.
Deep Blue Arithmetic|documentary sea|How whales count, and the woman who taught us to listen.
The Orchard Conspiracy|crime drama|A village keeps one secret for every apple tree.
Hollow Mountain|horror adventure|The cave was mapped in 1911. The map has grown since.
Tea with the Cartographer|comedy adventure|Nobody has told him that the empire is over.
Glass Gardens|science-fiction drama|The last botanist on Europa grows a forbidden rose.
Ferry to Yesterday|fantasy romance|Every crossing takes the passengers one year back.
Low Tide|crime sea|A detective has six hours before the evidence is under water.
The Understudy|music comedy|She knows every part in the opera but her own.
Wolves of the Ringway|adventure nature|A pack returns to the city, one roundabout at a time.
Kitchen Sonata|music documentary|Three cooks, one pianist, and a restaurant about to close.
Seven Letters to a Robot|animation science-fiction|A child explains the world to the machine that is to replace her school.
The Quiet Jury|crime drama|Twelve people agree at once. That is what troubles the thirteenth.
"""


class StandIn:
    """People like the tags of what they liked, less so what they disliked, and the words that they search for."""

    frame: FrameKind = "records"

    def __init__(self, events: Sequence[Record] | None = None, items: Sequence[Record] | None = None) -> None:
        self.items = {item["item_id"]: dict(item) for item in (items if items is not None else _films())}
        self.events: dict[str, list[Record]] = {}
        self.observe(list(events if events is not None else _watched()))

    @property
    def user_ids(self) -> Sequence[str]:
        return list(self.events)

    def recommend(
        self,
        user_ids: Any = None,
        history: Any = None,
        items: Any = None,
        k: int = 10,
        exclude_seen: bool = True,
        candidates: Any = None,
    ) -> list[Record]:
        past = self.events.get(user_ids, []) if history is None else history
        pool = self.items | {item["item_id"]: item for item in items or []}
        for name in candidates or []:
            if name not in pool:
                raise DataError(f"Candidate {name!r} is not in the catalogue. Pass it as a new item in `items`.")
        seen = {event.get("item_id") for event in past} if exclude_seen else set()
        names = [n for n in pool if n not in seen and (candidates is None or n in candidates)]
        liking = _liking(past, pool)
        ranked = sorted(names, key=lambda name: -_match(pool[name], liking))[:k]
        return [
            {"user_id": user_ids, "item_id": name, "score": _match(pool[name], liking), "rank": place}
            for place, name in enumerate(ranked, 1)
        ]

    def predict(self, pairs: list[Record], history: Any = None) -> list[Record]:
        rows = []
        for pair in pairs:
            if pair["item_id"] not in self.items:
                raise DataError(f"Item {pair['item_id']!r} is not in the catalogue. Use one of its ids.")
            past = self.events.get(pair["user_id"], []) if history is None else history
            match = _match(self.items[pair["item_id"]], _liking(past, self.items))
            share = 1 / (1 + 2.0**-match)
            rows.append({**pair, "rating": 1 + 4 * share, "like": share})
        return rows

    def observe(self, events: list[Record]) -> int:
        for event in events:
            self.events.setdefault(event["user_id"], []).append({"timestamp": int(time.time())} | event)
        return len(events)

    def history(self, user_id: str, limit: int = 50) -> list[Record]:
        return [
            {name: event.get(name) for name in ("item_id", "kind", "value", "timestamp", "text")}
            | {"title": self.items.get(event.get("item_id"), {}).get("title")}
            for event in reversed(self.events[user_id][-limit:])
        ]

    def item(self, item_id: str) -> Record | None:
        return self.items.get(item_id)

    def describe(self) -> Record:
        return {
            "name": "films",
            "version": "stand-in.1",
            "size": "tiny",
            "tasks": ["next_item", "rating", "like", "tags"],
            "num_users": len(self.events),
            "num_items": len(self.items),
            "created_at": "2026-01-01T00:00:00+00:00",
            "has_clock": True,
            "rating_scale": (1.0, 5.0),
            "config": {"seed": 0},
        }


def _films() -> list[Record]:
    lines = [line.split("|") for line in FILMS.strip().splitlines()]
    return [
        {"item_id": f"f{n}", "title": title, "tags": tags.split(), "description": text, "attributes": None}
        for n, (title, tags, text) in enumerate(lines)
    ]


def _watched() -> list[Record]:
    """Thirty people, each with a few ratings of films, a day apart."""
    return [
        {
            "user_id": f"p{person}",
            "item_id": f"f{(person * 7 + step * 5) % 24}",
            "kind": "rate",
            "value": float(1 + (person + step * step) % 5),
            "timestamp": 1_700_000_000 + 86_400 * (3 * step + person),
        }
        for person in range(30)
        for step in range(4 + person % 3)
    ]


def _liking(past: Sequence[Record], items: dict[str, Record]) -> dict[str, float]:
    """How much each word is liked; what was done last counts most."""
    liking: dict[str, float] = {}
    for age, event in enumerate(reversed(past)):
        weight = {"dislike": -1.5, "rate": (event.get("value") or 3) - 3, "skip": -0.5}.get(event["kind"], 1.0)
        item = items.get(event.get("item_id") or "", {})
        for word in [*(item.get("tags") or []), *(event.get("text") or "").lower().split()]:
            liking[word] = liking.get(word, 0.0) + weight * 0.9**age
    return liking


def _match(item: Record, liking: dict[str, float]) -> float:
    words = {*(item.get("tags") or []), *f"{item.get('title')} {item.get('description')}".lower().split()}
    return sum(liking.get(word, 0.0) for word in words)

"""What a request says, in rows: raw events of people, raw new items, ids. Knows the catalogue and its reader, no model."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from numbers import Integral
from typing import Any

import numpy as np
import polars as pl

from penchant.data.casts import to_attributes, to_tags
from penchant.data.frames import to_polars
from penchant.data.item_numbers import NO_NUMBERS, NumberScales
from penchant.data.rows import event_texts, to_events
from penchant.records import words
from penchant.records.data import Data
from penchant.records.errors import DataError
from penchant.records.events import Events, Histories, histories_of
from penchant.records.vocabulary import Vocabulary
from penchant.stages.domains import Domains, with_streams
from penchant.stages.impressions import check_place
from penchant.stages.item_attributes import ItemAttributes
from penchant.stages.reader import TextReader
from penchant.text.interests import carried_by, mined_labels

NUM_TAGS = 500


@dataclass(frozen=True, kw_only=True)
class RawItems:
    """New items of a request, E of them. `rows`: what is said of each; `vectors`: float32 (E, T); `domains`: int64 (E,), their
    places, -1 = unknown; `numbers`: float32 (E, N), features made of their numbers, None where the catalogue has none."""

    ids: list[str]
    rows: list[dict[str, Any]] = field(default_factory=list)
    vectors: np.ndarray | None = None
    domains: np.ndarray | None = None
    numbers: np.ndarray | None = None


NO_ITEMS = RawItems(ids=[])


def listed_ids(ids: str | Sequence[str]) -> list[Any]:
    """One id or many, in a list. Raises: DataError for numbers.

    >>> listed_ids("u1"), listed_ids(["u1", "u2"])
    (['u1'], ['u1', 'u2'])
    """
    found = [ids] if isinstance(ids, str | Integral) else list(ids)
    for wrong in (each for each in found if isinstance(each, Integral)):
        raise DataError(f"Ids are strings, found {wrong}. Ask for '{wrong}'.")
    return found


class Asking:
    """`items`: the catalogue's table; `rows`: its ids; `has_clock`: whether times are seconds or an order; `scales`: of the
    numbers of items."""

    def __init__(
        self, items: pl.DataFrame, reader: TextReader, has_clock: bool, scales: NumberScales = NO_NUMBERS
    ) -> None:
        self.items = items
        self.reader = reader
        self.has_clock = has_clock
        self.scales = scales
        self.rows = Vocabulary(items["item_id"].to_list())
        self._last = NO_ITEMS, self.rows
        self.domains = Domains.of(items)

    @cached_property
    def attributes(self) -> ItemAttributes:
        """What the catalogue says of each item, by name."""
        return ItemAttributes(self.items.to_dicts())

    @cached_property
    def tags(self) -> tuple[list[str], np.ndarray]:
        """The commonest tags of the catalogue, and how their names read: float32 (K, T)."""
        names = mined_labels(self.tags_of, NUM_TAGS, 1)
        return names, self.reader.read(names)

    @cached_property
    def tags_of(self) -> list[list[str]]:
        """Of each item of the catalogue, in its own order."""
        return [list(tags or ()) for tags in self.items["tags"].to_list()]

    @cached_property
    def carried(self) -> np.ndarray:
        """bool (I, K): which item of the catalogue carries which of the commonest `tags`."""
        return carried_by(self.tags_of, self.tags[0])

    def raw_items(self, items: Any) -> RawItems:
        """Raises: DataError for a table without ids, or with one that the catalogue has."""
        if items is None:
            return NO_ITEMS
        table, _ = to_polars(items)
        if table.is_empty():
            return NO_ITEMS
        if "item_id" not in table.columns:
            raise DataError(f"New items need an item_id, found {', '.join(table.columns)}. Add the column.")
        rows = in_our_words(table)
        ids = [row["item_id"] or "" for row in rows]
        if "" in ids:
            raise DataError(f"Every new item needs an item_id, and number {ids.index('') + 1} has none. Give it one.")
        if known := next((name for name in ids if name in self.rows), None):
            raise DataError(f"The new item {known!r} is in the catalogue already. Leave it out of `items`.")
        domains = self.domains.raw_places([row.get("domain") for row in rows])
        vectors, numbers = self.reader.read_items(rows), self.scales.read(rows)
        return RawItems(ids=ids, rows=rows, vectors=vectors, domains=domains, numbers=numbers)

    def pairs(self, table: pl.DataFrame, *, of_stranger: bool) -> tuple[list[str | None], np.ndarray]:
        """The person of each pair, None for a stranger, and its item row, int32.

        Raises: DataError without a column user_id, unless they are of one stranger, or item_id, and for an unknown item.
        """
        if "item_id" not in table.columns or not (of_stranger or "user_id" in table.columns):
            found = ", ".join(table.columns)
            raise DataError(f"Pairs need the columns user_id and item_id, found {found}. Add the one that is missing.")
        rows = self.rows.rows(table["item_id"].cast(pl.String).to_list())
        if (rows < 0).any():
            unknown = table["item_id"].to_list()[int((rows < 0).argmax())]
            raise DataError(f"Item {unknown!r} is not in the catalogue. Use one of its ids.")
        return [None] * len(table) if of_stranger else table["user_id"].cast(pl.String).to_list(), rows

    def names(self, new: RawItems) -> Sequence[str]:
        """Ids of the catalogue and of the new items, in the order of their rows."""
        return self.rows_with(new).all

    def rows_with(self, new: RawItems) -> Vocabulary:
        """Rows of the catalogue and of the new items."""
        if not new.ids:
            return self.rows
        last, both = self._last
        if last is not new:
            both = Vocabulary([*self.rows.all, *new.ids])
            self._last = new, both
        return both

    def raw_events(self, events: list[dict[str, Any]]) -> pl.DataFrame:
        """Raw events in our columns; what has no time happened now, in the given order.

        Raises: DataError for an unknown key, an event without item and text, or a value of the wrong type.
        """
        if isinstance(events, str | dict):
            raise DataError(f"Events are a list of dicts, found {events!r}. Write it like [{{'text': 'jazz'}}].")
        now = int(datetime.datetime.now(datetime.UTC).timestamp()) if self.has_clock else 2**31
        rows = []
        for event in events:
            unknown = set(event) - set(words.EVENT_COLUMNS)
            if unknown:
                raise DataError(
                    f"Unknown key {sorted(unknown)[0]!r} in an event. Known: {', '.join(words.EVENT_COLUMNS)}."
                )
            if not event.get("item_id") and not event.get("text"):
                raise DataError("An event needs an item_id or a text, found neither. Add one.")
            check_place(event)
            rows.append({"timestamp": now, "kind": kind_of(event), **event})
        try:
            return pl.DataFrame(rows, schema=words.EVENT_COLUMNS)
        except (TypeError, pl.exceptions.PolarsError) as error:
            raise DataError(
                f"An event holds a value of the wrong type ({error}). Ids and texts are strings."
            ) from error

    def histories(
        self,
        ids: Sequence[str | None],
        events: pl.DataFrame,
        history: list[dict[str, Any]] | None,
        new: RawItems = NO_ITEMS,
        now: int | None = None,
    ) -> Histories:
        """Histories of known people from their events, of a stranger from the raw ones, which may be about raw items.

        events: of these people; other people's are left out. now: default the time of the newest of them.
        """
        people = Vocabulary(dict.fromkeys("stranger" if person is None else person for person in ids))
        table = events
        if history is not None:
            table = self.raw_events(history)
            table.replace_column(table.get_column_index("user_id"), pl.Series("user_id", ["stranger"] * len(table)))
        own, texts = self._to_rows(table, people, self.rows_with(new))
        vectors = self.reader.read(texts) if texts else None
        if now is None:
            now = int(events["timestamp"].max() or 0)  # type: ignore[arg-type]
        rows = people.rows(["stranger" if person is None else person for person in ids])
        histories = histories_of(own, rows, np.full(len(ids), now), len(people), vectors)
        told = replace(histories, extra_vectors=new.vectors, extra_domains=new.domains, extra_numbers=new.numbers)
        return with_streams(told, self.domains.places)

    def _to_rows(self, table: pl.DataFrame, people: Vocabulary, items: Vocabulary) -> tuple[Events, list[str]]:
        data = Data(events=table, items=self.items, users=self.items, has_clock=True, rating_scale=None)
        events = to_events(data, people, items)
        return events, event_texts(data, people, items) if (events.text_rows >= 0).any() else []


def kind_of(event: Mapping[str, Any]) -> str:
    """What an event says of its kind, or else what its other columns do.

    >>> kind_of({"item_id": "i1", "value": 5}), kind_of({"item_id": "i1"}), kind_of({"text": "jazz"})
    ('rate', 'view', 'search')
    """
    silent = "rate" if event.get("value") is not None else "view" if event.get("item_id") else "search"
    return event.get("kind") or silent


def in_our_words(table: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows as the catalogue has them: tags are lists, and what has no word of ours stands in `attributes`."""
    others = tuple(name for name in table.columns if name not in words.ITEM_COLUMNS)
    given = "attributes" if "attributes" in table.columns else None
    tags = to_tags(table["tags"]) if "tags" in table.columns else pl.Series("tags", [None] * len(table))
    texts = pl.col(set(table.columns) & {"item_id", "title", "description"}).cast(pl.String)
    known = table.drop(others).with_columns(texts, tags.alias("tags"), to_attributes(table, given, others))
    return [{**row, "tags": row["tags"] or []} for row in known.to_dicts()]

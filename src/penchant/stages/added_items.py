"""Items that a running model was told of after it was fitted: new ones, which it recommends by what they say, and gone ones.

Nothing is learned of them here; the next training takes them into its catalogue. Knows no events and no network.
Legend: E new items, I items of the catalogue.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from penchant.records.errors import DataError
from penchant.stages.asking import NO_ITEMS, Asking, RawItems, in_our_words

MOST = 10_000
"""New items are scored one by one at each request: with more of them it is time to train."""


class AddedItems:
    """`new`: all that was told of and is not gone; `hidden`: ids that are recommended no more. One thread at a time writes."""

    def __init__(self, asking: Asking, hidden: Iterable[str] = ()) -> None:
        self.asking = asking
        self.new: RawItems = NO_ITEMS
        self.hidden = frozenset(hidden)
        self._told: dict[str, dict[str, Any]] = {}
        self._there: np.ndarray | None = None

    def check(self, items: Sequence[Mapping[str, Any]]) -> None:
        """Reads items as `put` will. Raises: DataError for what cannot be one, an id that stands twice, or too many."""
        fresh = [dict(item) for item in items if item["item_id"] not in self.asking.rows]
        self.asking.raw_items(fresh)
        ids = [item["item_id"] for item in items]
        if len(set(ids)) < len(ids):
            raise DataError("An item stands twice in one request. Send it once.")
        if len({*self.new.ids, *(item["item_id"] for item in fresh)}) > MOST:
            raise DataError(f"A running model takes {MOST} new items. Train it again, then send more.")

    def put(self, items: Sequence[Mapping[str, Any]]) -> None:
        """Adds items, or replaces what was told of them; what was gone is back.

        Of an item of the catalogue only what is shown changes: its place in the model stays until the next training.
        """
        ids = {item["item_id"] for item in items}
        fresh = [dict(item) for item in items if item["item_id"] not in self.asking.rows]
        self._told |= {item["item_id"]: in_our_words(pl.DataFrame([dict(item)]))[0] for item in items}
        self.new = joined(self._without(ids), self.asking.raw_items(fresh))
        self.hidden, self._there = self.hidden - ids, None

    def remove(self, item_ids: Iterable[str]) -> None:
        """Recommends these no more. Histories keep them: what somebody did stays done."""
        self.hidden, self._there = self.hidden | set(item_ids), None

    def told(self, item_id: str) -> dict[str, Any] | None:
        """What was last said of an item in the words of the catalogue, None if nothing was."""
        return self._told.get(item_id)

    def with_those_of(self, request: RawItems) -> RawItems:
        """The new items, and those of a request. Raises: DataError for one that is known already."""
        if twice := set(self.new.ids) & set(request.ids):
            raise DataError(f"The new item {min(twice)!r} is known already. Leave it out of `items`.")
        return joined(self.new, request)

    def there(self, num_items: int) -> np.ndarray | None:
        """bool (num_items,), in the order of rows, those of a request last: what is not gone. None if nothing is.

        num_items: of the catalogue alone, or with the new ones, or with those of a request too.
        """
        if not self.hidden:
            return None
        own = [name not in self.hidden for name in self.asking.names(self.new)] if self._there is None else self._there
        self._there = np.asarray(own, bool)
        more = max(0, num_items - len(self._there))
        return np.pad(self._there, (0, more), constant_values=True)[:num_items]

    def _without(self, ids: set[str]) -> RawItems:
        kept = [place for place, name in enumerate(self.new.ids) if name not in ids]
        return self.new if len(kept) == len(self.new.ids) else taken(self.new, kept)


def joined(first: RawItems, second: RawItems) -> RawItems:
    """One after the other."""
    if not first.ids or not second.ids:
        return first if first.ids else second
    return RawItems(
        ids=[*first.ids, *second.ids],
        rows=[*first.rows, *second.rows],
        vectors=_both(first.vectors, second.vectors),
        domains=_both(first.domains, second.domains),
        numbers=_both(first.numbers, second.numbers),
    )


def taken(items: RawItems, places: Sequence[int]) -> RawItems:
    """Those at some places."""
    if not places:
        return NO_ITEMS
    arrays = {name: getattr(items, name) for name in ("vectors", "domains", "numbers")}
    return RawItems(
        ids=[items.ids[place] for place in places],
        rows=[items.rows[place] for place in places],
        **{name: None if values is None else values[places] for name, values in arrays.items()},
    )


def _both(first: np.ndarray | None, second: np.ndarray | None) -> np.ndarray | None:
    return None if first is None or second is None else np.concatenate([first, second])

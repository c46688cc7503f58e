"""The domains of a catalogue, such as books and movies: which item is of which, and what may be recommended in one.

Knows no model. Legend: I items of the catalogue, E raw items that came with a request.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import polars as pl

from penchant.records.data import Data
from penchant.records.errors import DataError, suggestion
from penchant.records.events import Histories

UNKNOWN = -1
"""The place of the domain of a raw item that says none, where every item of the catalogue has one."""


@dataclass(frozen=True, kw_only=True)
class Domains:
    """`names` in order of the alphabet, "" for items without one; `places`: of each item's domain in `names`, int64 (I,)."""

    names: list[str]
    places: np.ndarray

    @classmethod
    def of(cls, items: pl.DataFrame) -> Self:
        """Those of an items table.

        >>> found = Domains.of(pl.DataFrame({"domain": ["movies", "books", "movies"]}))
        >>> found.names, found.places.tolist()
        (['books', 'movies'], [1, 0, 1])
        """
        domains = items["domain"].cast(pl.String).fill_null("")
        names = sorted(domains.unique().to_list())
        row_of = {name: row for row, name in enumerate(names)}
        return cls(names=names, places=np.array([row_of[name] for name in domains.to_list()], np.int64))

    @property
    def known(self) -> list[str]:
        """The names that somebody can ask for."""
        return [name for name in self.names if name]

    @property
    def counts(self) -> dict[str, int]:
        """Items of each domain that has a name."""
        counts = np.bincount(self.places, minlength=len(self.names)).tolist()
        return {name: count for name, count in zip(self.names, counts, strict=True) if name}

    def place(self, name: str) -> int:
        """Raises: DataError for a domain of which the catalogue has no item."""
        if name not in self.known:
            raise DataError(
                f"There is no domain {name!r}. {suggestion(name, self.known)}"
                if self.known
                else f"The domain {name!r} is asked for, but no item of the catalogue has one. "
                "Give items or events a column `domain`, or leave it out."
            )
        return self.names.index(name)

    def raw_places(self, names: Sequence[str | None]) -> np.ndarray:
        """Of raw items, int64 (E,); without a name as the catalogue's items without one, or UNKNOWN.

        Raises: DataError for an unknown domain: nothing was learned of it.
        """
        nameless = self.names.index("") if "" in self.names else UNKNOWN
        return np.array([self.place(name) if name else nameless for name in names], np.int64)

    def mask(self, name: str, raw: np.ndarray | None = None) -> np.ndarray:
        """bool (I + E,): the items of one domain, and those of the raw ones at `raw` places (E,).

        Raises: DataError for an unknown domain.
        """
        places = self.places if raw is None else np.concatenate([self.places, raw])
        return np.asarray(places == self.place(name))


def with_streams(histories: Histories, item_domains: np.ndarray) -> Histories:
    """Histories in which each domain goes at its own pace: an album does not make the last book older. As it is of one domain.

    item_domains: int64 (I,). Events without an item, and raw items of an unknown domain, are a stream of their own.
    """
    if not item_domains.any():
        return histories
    places = item_domains
    if histories.extra_vectors is not None:
        unknown = np.full(len(histories.extra_vectors), UNKNOWN)
        places = np.concatenate([places, unknown if histories.extra_domains is None else histories.extra_domains])
    rows = histories.item_rows
    return replace(histories, streams=np.where(rows >= 0, places[rows], UNKNOWN))


def with_domains(data: Data) -> Data:
    """Items that don't say their domain take that of the first of their events that does."""
    told = data.events.drop_nulls(["item_id", "domain"]).unique("item_id", keep="first", maintain_order=True)
    if not len(told) or not data.items["domain"].null_count():
        return data
    found = data.items.select("item_id").join(
        told.select("item_id", "domain"), on="item_id", how="left", maintain_order="left"
    )
    return replace(data, items=data.items.with_columns(pl.col("domain").fill_null(found["domain"])))

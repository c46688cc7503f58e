"""What the tables say of each item, by name: tags, domain, brand, price, or whatever its `attributes` hold. Knows no model."""

import copy
import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from penchant.data.normalise import to_prices
from penchant.records.errors import DataError, suggestion

OWN = ("item_id", "domain", "tags")
"""Columns of ours that somebody may name beside the attributes."""


class ItemAttributes:
    """`rows`: of an items table, in the order of item rows."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.rows = rows
        self._attributes = _read(rows)
        self.values = cache(self._values)
        self.numbers = cache(self._numbers)

    def followed_by(self, rows: Sequence[Mapping[str, Any]]) -> "ItemAttributes":
        """The same items, and others behind them; what was read is not read again."""
        both = copy.copy(self)
        both.rows, both._attributes = [*self.rows, *rows], [*self._attributes, *_read(rows)]
        both.values, both.numbers = cache(both._values), cache(both._numbers)
        return both

    @property
    def names(self) -> list[str]:
        """Everything that can be named."""
        return [*OWN, *dict.fromkeys(name for row in self._attributes for name in row)]

    def _values(self, name: str) -> list[list[str]]:
        """What each item has under a name, as words; [] where it has nothing.

        Raises: DataError for a name that no item has.
        """
        found = [_words(row.get(name) if name in OWN else more.get(name)) for row, more in self._both()]
        if not any(found):
            raise DataError(f"No item has {name!r}. {suggestion(name, self.names)}")
        return found

    def _numbers(self, name: str) -> np.ndarray:
        """float64 (I,), NaN where an item has no number; prices are read as shops write them.

        Raises: DataError for a name under which no item has a number.
        """
        numbers = self._read(name)
        if np.isnan(numbers).all():
            known = [each for each in self.names if not np.isnan(self._read(each)).all()]
            raise DataError(f"No item has a number under {name!r}. {suggestion(name, known)}")
        return numbers

    def _read(self, name: str) -> np.ndarray:
        given = [row.get(name) for row in self._attributes]
        texts = [None if value is None or isinstance(value, (bool, list, dict)) else str(value) for value in given]
        return np.asarray(_plain(texts).to_numpy(), np.float64)

    def carriers(self, name: str, values: Sequence[str]) -> np.ndarray:
        """bool (I,): the items that have any of these values under a name, whatever the case.

        Raises: DataError for a value that no item has.
        """
        wanted = {value.casefold() for value in values}
        own = [{value.casefold() for value in row} for row in self.values(name)]
        known = {value.casefold(): value for row in self.values(name) for value in row}
        if unknown := next((value for value in values if value.casefold() not in known), None):
            raise DataError(f"No item has the {name} {unknown!r}. {suggestion(unknown, list(known.values())[:100])}")
        return np.array([not wanted.isdisjoint(row) for row in own], bool)

    def groups(self, name: str) -> tuple[np.ndarray, list[str]]:
        """The values of each item as numbers, int64 (I, M), -1 fills; and what they stand for, whatever the case."""
        rows = [list(dict.fromkeys(map(str.casefold, row))) for row in self.values(name)]
        names = list(dict.fromkeys(value for row in rows for value in row))
        place = {value: number for number, value in enumerate(names)}
        members = np.full((len(rows), max(map(len, rows), default=1)), -1, np.int64)
        for row, values in enumerate(rows):
            members[row, : len(values)] = [place[value] for value in values]
        return members, names

    def _both(self) -> Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        return list(zip(self.rows, self._attributes, strict=True))


def _read(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [json.loads(text) if (text := row.get("attributes")) else {} for row in rows]


def _words(value: Any) -> list[str]:
    """
    >>> _words(["a", "b", "a"]), _words(1998.0), _words(None)
    (['a', 'b'], ['1998'], [])
    """
    values = value if isinstance(value, list) else [value]
    texts = [f"{each:.15g}" if isinstance(each, float) else str(each) for each in values if each not in (None, "")]
    return list(dict.fromkeys(texts))


def _plain(texts: list[str | None]) -> pl.Series:
    """Numbers as they are, and else as prices; minus signs are kept."""
    column = pl.Series(texts, dtype=pl.String)
    plain = column.cast(pl.Float64, strict=False)
    return plain.fill_null(to_prices(column)).fill_null(float("nan"))

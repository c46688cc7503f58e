"""Which columns of items are numbers that a network may read (prices, weights, pages), and how they become features.

No ids, no times, nothing that sums up what people did. It knows tables and names of columns, no network.
Legend: I items, N columns, F features of each.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from penchant.data.infer import plain
from penchant.data.normalise import Numbers, to_prices
from penchant.data.synonyms import CODES, FUTURE, MOMENTS, PEOPLE_DID, PRICES

LEAST_NUMBERS = 0.9
"""Of the cells of a column that hold something; of a price half are enough: shops write "ask us" there."""
LEAST_ITEMS = 10
CURRENCY = r"^\s*\p{L}{0,3}\p{Sc}|\p{Sc}\s*$|^\s*\d[\d.,]*\s*元\s*$"
FARTHEST = 4.0
"""Deviations from the mean: beyond it a number is a mistake, or says no more."""
WAVES = (2.0, 4.0, 8.0, 16.0)
"""Their lengths, in deviations."""


@dataclass(frozen=True, kw_only=True)
class ItemNumbers:
    """The numbers of a catalogue by name, float64 (I,) each, NaN = none."""

    columns: Mapping[str, np.ndarray]

    @classmethod
    def of(cls, items: pl.DataFrame) -> "ItemNumbers":
        """Of an items table, from its `attributes`, in the order of their names."""
        rows = _objects(items["attributes"].to_list())
        names = sorted({name for row in rows for name in row})
        found = ((name, _cells(rows, name)) for name in names if not _is_foreign(name))
        return cls(columns=dict(_usable(found)))

    def without(self, names: Collection[str]) -> "ItemNumbers":
        """All but the columns `names`."""
        return ItemNumbers(columns={name: values for name, values in self.columns.items() if name not in names})

    def take(self, index: np.ndarray) -> "ItemNumbers":
        """Of the items at the given positions, or under the given mask."""
        return ItemNumbers(columns={name: values[index] for name, values in self.columns.items()})

    def fit(self, rows: np.ndarray) -> "NumberScales":
        """Scales by the items `rows` alone, those that somebody met while learning."""
        return NumberScales(columns={name: _scale(values[np.unique(rows)]) for name, values in self.columns.items()})


@dataclass(frozen=True, kw_only=True)
class NumberScales:
    """How each column becomes F features: its standard score, waves of it, and a mark; all 0 where there is no number.

    Waves tell apart what costs a little more; of a score alone a network learns little but "dear" and "cheap"
    (docs/experiments.md). Gorishniy, Rubachev and Babenko, "On Embeddings for Numerical Features", NeurIPS 2022.
    """

    columns: Mapping[str, Numbers]

    def __call__(self, numbers: ItemNumbers) -> np.ndarray | None:
        """float32 (I, N * F), each between -4 and 4; None without columns.

        >>> scales = NumberScales(columns={"price": Numbers(log=False, mean=10.0, deviation=5.0)})
        >>> features = scales(ItemNumbers(columns={"price": np.array([20.0, np.nan])}))
        >>> features[:, :2].tolist(), features.shape
        ([[1.0, 2.0], [0.0, 0.0]], (2, 10))
        """
        if not self.columns:
            return None
        parts = [_features(scale.apply(numbers.columns[name])) for name, scale in self.columns.items()]
        return np.concatenate(parts, axis=1).astype(np.float32)

    def read(self, rows: Sequence[Mapping[str, Any]]) -> np.ndarray | None:
        """As above, of raw items with `attributes`."""
        objects = _objects([row.get("attributes") for row in rows])
        return self(ItemNumbers(columns={name: _numbers(_cells(objects, name), name) for name in self.columns}))


NO_NUMBERS = NumberScales(columns={})


def _features(scores: np.ndarray) -> np.ndarray:
    """(I,) -> (I, F)"""
    known = np.isfinite(scores)
    score = np.clip(np.where(known, scores, 0.0), -FARTHEST, FARTHEST)[:, None]
    turns = 2 * np.pi * score / np.array(WAVES)
    return np.concatenate([np.ones_like(score), score, np.sin(turns), np.cos(turns)], axis=1) * known[:, None]


def _scale(values: np.ndarray) -> Numbers:
    """Log where that leaves less of a tail; of what may be below zero never."""
    known = values[np.isfinite(values)]
    log = bool(len(known)) and known.min() >= 0 and abs(_skew(np.log1p(known))) < abs(_skew(known))
    return Numbers.fit(known, log=log)


def _skew(values: np.ndarray) -> float:
    scores = (values - values.mean()) / max(float(values.std()), 1e-12)
    return float((scores**3).mean())


def _usable(found: Iterator[tuple[str, pl.Series]]) -> Iterator[tuple[str, np.ndarray]]:
    """Columns that are numbers, differ, and number nothing."""
    for name, cells in found:
        numbers = _numbers(cells, name)
        known = numbers[np.isfinite(numbers)]
        share = LEAST_NUMBERS / 2 if _is_price(name) else LEAST_NUMBERS
        enough = len(known) >= max(LEAST_ITEMS, share * cells.count())
        if enough and (known != known[0]).any() and not _is_count_of_rows(known) and not _are_moments(known):
            yield name, numbers


def _is_foreign(name: str) -> bool:
    """By its name: an id, a time, or what people did."""
    word = plain(name)
    whole = word in FUTURE or word in MOMENTS or word in CODES
    return whole or word.endswith(("id", "编号", "日期", "时间")) or any(mark in word for mark in PEOPLE_DID)


def _is_price(name: str) -> bool:
    return any(mark in plain(name) for mark in PRICES)


def _is_count_of_rows(known: np.ndarray) -> bool:
    """Whole numbers, each once and most of their range taken: rows are numbered.

    >>> _is_count_of_rows(np.arange(40.0)), _is_count_of_rows(np.arange(40.0) * 7 + 0.99)
    (True, False)
    """
    whole = bool((known == np.round(known)).all())
    return whole and len(np.unique(known)) == len(known) and bool(np.ptp(known) < 2 * len(known))


def _are_moments(known: np.ndarray) -> bool:
    """Years, or seconds or milliseconds since 1970."""
    ranges = ((1900, 2100), (1e9, 2.2e9), (1e12, 2.2e12))
    whole = bool((known == np.round(known)).all())
    return whole and any(known.min() >= low and known.max() < high for low, high in ranges)


def _objects(texts: Sequence[str | None]) -> list[dict[str, Any]]:
    return [json.loads(text) if text else {} for text in texts]


def _cells(rows: Sequence[Mapping[str, Any]], name: str) -> pl.Series:
    """Cells of a column as text; null for what is no single number or word."""
    values = (row.get(name) for row in rows)
    texts = [None if value is None or isinstance(value, (bool, list, dict)) else str(value) for value in values]
    return pl.Series(name, texts, dtype=pl.String)


def _numbers(cells: pl.Series, name: str) -> np.ndarray:
    """float64 (I,), NaN = none: plain numbers, and prices where the column or the cell is one."""
    numbers = cells.cast(pl.Float64, strict=False)
    prices = to_prices(cells)
    if not _is_price(name):
        prices = prices.set(~cells.str.contains(CURRENCY).fill_null(value=False), None)
    found = numbers.fill_null(prices).fill_null(float("nan")).to_numpy()
    return np.where(np.isfinite(found), found, np.nan)

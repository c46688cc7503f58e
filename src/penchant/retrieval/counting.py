"""Sparse counts behind the sources: recency-weighted histories, co-occurrences, and the best of each row.

Legend: B people, N events, U users, I items. Matrices are CSR, float32.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from penchant.records.events import Events, Histories

if TYPE_CHECKING:
    from scipy.sparse import csr_array  # type: ignore[import-untyped]

SMALLEST_WEIGHT = 1e-6
"""Events of a history that weigh less are left out: they change no list and cost most of the time."""


def decayed(histories: Histories, columns: np.ndarray, num_columns: int, decay: float) -> "csr_array":
    """Row b holds `decay ** steps back` of each usable event of person b, (B, num_columns).

    `columns`: int (N,), the column of each event; -1 = not usable, and then it is no step either. Steps are counted
    within the streams of the histories.
    """
    from scipy.sparse import csr_array

    usable = columns >= 0
    owners = histories.owners[usable]
    groups = owners
    if histories.streams is not None and len(owners):
        groups = owners * (int(histories.streams.max()) + 2) + histories.streams[usable] + 1
    steps_back = _later_ones(groups)
    weights = np.power(np.float64(decay), steps_back).astype(np.float32)
    kept = weights >= SMALLEST_WEIGHT
    ends = np.cumsum(np.bincount(owners[kept], minlength=len(histories)))  # events stand person by person already
    entries = (weights[kept], columns[usable][kept], np.concatenate([[0], ends]))
    matrix = csr_array(entries, shape=(len(histories), num_columns))
    matrix.sum_duplicates()
    return matrix


def _later_ones(groups: np.ndarray) -> np.ndarray:
    """How many of the events that stand after each are of its group, int64 (n,)."""
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    later = np.empty(len(groups), np.int64)
    later[order] = np.searchsorted(ordered, ordered, side="right") - 1 - np.arange(len(groups))
    return later


def history_weights(histories: Histories, num_items: int, decay: float) -> "csr_array":
    """`decayed` with one column per item of the catalogue, (B, I); other events are not usable."""
    rows = histories.item_rows
    return decayed(histories, np.where(rows < num_items, rows, -1), num_items, decay)


def in_catalogue(events: Events, num_items: int) -> Events:
    """The events that are about an item of the catalogue."""
    return events.take((events.item_rows >= 0) & (events.item_rows < num_items))


def interactions(events: Events, num_items: int) -> "csr_array":
    """1 where a user ever met an item, (U, I)."""
    from scipy.sparse import csr_array

    events = in_catalogue(events, num_items)
    num_users = int(events.user_rows.max(initial=-1)) + 1
    ones = np.ones(len(events), np.float32)
    matrix = csr_array((ones, (events.user_rows, events.item_rows)), shape=(num_users, num_items))
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix


def item_counts(events: Events, num_items: int) -> np.ndarray:
    """Number of events of each item, float32 (I,)."""
    return np.bincount(in_catalogue(events, num_items).item_rows, minlength=num_items).astype(np.float32)


def stretches(sizes: np.ndarray, most: int) -> Iterator[tuple[int, int]]:
    """`first, last` (exclusive) of neighbouring rows whose sizes add up to at most `most`; one row alone may be larger.

    >>> list(stretches(np.array([3, 1, 9, 1, 1]), 4))
    [(0, 2), (2, 3), (3, 5)]
    """
    ends, first = np.cumsum(sizes), 0
    while first < len(sizes):
        before = ends[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(ends, before + most, side="right")))
        yield first, last
        first = last


def best_of_rows(matrix: "csr_array", count: int) -> "csr_array":
    """The `count` largest entries of each row; among equals the lower column stays."""
    from scipy.sparse import csr_array

    matrix.sort_indices()
    lengths = np.diff(matrix.indptr)
    kept = np.ones(len(matrix.data), bool)
    for row in np.flatnonzero(lengths > count):
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        kept[part] = _largest(matrix.data[part], count)
    ptr = np.concatenate([[0], np.cumsum(np.minimum(lengths, count))])
    return csr_array((matrix.data[kept], matrix.indices[kept], ptr), shape=matrix.shape)


def _largest(values: np.ndarray, count: int) -> np.ndarray:
    """bool (n,): the `count` largest of more values; of those that are equal, the first."""
    limit = np.partition(values, -count)[-count]
    kept = values > limit
    kept[np.flatnonzero(values == limit)[: count - int(kept.sum())]] = True
    return kept


def without_diagonal(matrix: "csr_array", first_row: int = 0) -> "csr_array":
    """The matrix without its entries (i, i), where its rows are those from `first_row` on of a square one."""
    from scipy.sparse import csr_array

    matrix = matrix.tocoo()
    off = matrix.row + first_row != matrix.col
    return csr_array((matrix.data[off], (matrix.row[off], matrix.col[off])), shape=matrix.shape)


def to_arrays(matrix: "csr_array") -> dict[str, np.ndarray]:
    """A CSR matrix as plain arrays: `data`, `indices`, `indptr`."""
    return {
        "data": matrix.data.astype(np.float32),
        "indices": matrix.indices.astype(np.int32),
        "indptr": matrix.indptr.astype(np.int64),
    }


def in_rows(blocks: Sequence["csr_array"], num_items: int) -> dict[str, np.ndarray]:
    """The (I, I) matrix that has these blocks below each other, taken apart as by `to_arrays`."""
    from scipy.sparse import csr_array, vstack

    return to_arrays(vstack(blocks, format="csr") if blocks else csr_array((num_items, num_items), dtype=np.float32))


def to_matrix(arrays: Mapping[str, np.ndarray], num_items: int) -> "csr_array":
    """The (I, I) matrix that `to_arrays` took apart."""
    from scipy.sparse import csr_array

    return csr_array((arrays["data"], arrays["indices"], arrays["indptr"]), shape=(num_items, num_items))

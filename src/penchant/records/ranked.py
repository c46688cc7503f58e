"""Ranked lists and the one thing that every recommender can do."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from penchant.records.events import Histories


@dataclass(frozen=True)
class Ranked:
    """Best first; -1 and -inf fill a list that is shorter than k."""

    item_rows: np.ndarray  # int32 (B, k)
    scores: np.ndarray  # float32 (B, k)
    propensities: np.ndarray | None = None  # float32 (B, k), chance of each item at its place; None: nothing was drawn


class Recommender(Protocol):
    """Whatever answers histories with ranked lists: ours, a simple row, somebody else's."""

    def recommend(self, histories: Histories, k: int) -> Ranked: ...


def mask_seen(scores: np.ndarray, histories: Histories) -> None:
    """Sets the score of what each person already met to -inf, in place. `scores`: float (B, C), C >= rows."""
    inside = (histories.item_rows >= 0) & (histories.item_rows < scores.shape[1])
    scores[histories.owners[inside], histories.item_rows[inside]] = -np.inf


def top_k(scores: np.ndarray, k: int) -> Ranked:
    """The k best of each row; equal scores keep the order of the items; what is not finite is no recommendation.

    >>> top_k(np.array([[1.0, 3.0, -np.inf, 2.0]]), 4).item_rows.tolist()
    [[1, 3, 0, -1]]
    """
    num_people, num_items = scores.shape
    scores = np.where(np.isfinite(scores), scores, -np.inf).astype(np.float32)
    rows = np.full((num_people, k), -1, np.int32)
    best = np.full((num_people, k), -np.inf, np.float32)
    width = min(k, num_items)
    if width and num_people:
        picked = _first_k(scores, width)
        value = np.take_along_axis(scores, picked, 1)
        rows[:, :width] = np.where(np.isfinite(value), picked, -1)
        best[:, :width] = value
    return Ranked(rows, best)


def _first_k(scores: np.ndarray, k: int) -> np.ndarray:
    """Columns of the k largest values of each row, best first, ties by column (int64)."""
    if scores.shape[1] <= 4 * k:
        return np.argsort(-scores, axis=1, kind="stable")[:, :k]
    # The k-th value by partition; everything at least as large is few, unless ties abound.
    threshold = -np.partition(-scores, k - 1, axis=1)[:, k - 1 : k]
    picked = np.empty((len(scores), k), np.int64)
    for row, (values, limit) in enumerate(zip(scores, threshold, strict=True)):
        columns = np.flatnonzero(values >= limit)
        picked[row] = columns[np.argsort(-values[columns], kind="stable")[:k]]
    return picked

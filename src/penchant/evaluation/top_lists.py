"""Top lists in ids, as anybody's system hands them in: read, written, and held against the cases that they answer.

    npz     `user_id` (n,), `item_ids` (n, k) best first, "" = nothing, and if known `scores` (n, k); all ids are strings
    parquet `user_id`, `item_id`, `rank` (1 is best), and if known `score`: a row for each place

They say nothing of who made the lists.
Legend: n lists, C cases, k places.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import polars as pl

from penchant.evaluation.cases import Cases
from penchant.records.errors import DataError, suggestion
from penchant.records.ranked import Ranked
from penchant.records.vocabulary import Vocabulary

NOTHING = ""
SUFFIXES = (".npz", ".parquet")


@dataclass(frozen=True, kw_only=True)
class TopLists:
    """`name` is what errors call them."""

    name: str
    user_ids: Sequence[str]  # n
    item_ids: np.ndarray  # str (n, k)
    scores: np.ndarray | None = None  # float32 (n, k)

    def __len__(self) -> int:
        return len(self.user_ids)

    @classmethod
    def read(cls, path: Path) -> "TopLists":
        """Raises: DataError for a file that is none of the two."""
        if path.suffix not in SUFFIXES:
            raise DataError(f"Top lists are .npz or .parquet files, found {path.name}. {suggestion('', SUFFIXES)}")
        try:
            return _from_npz(path) if path.suffix == ".npz" else _from_parquet(path)
        except (OSError, ValueError, KeyError, BadZipFile, pl.exceptions.PolarsError) as error:
            raise DataError(
                f"{path} cannot be read as top lists ({error}). docs/compare.md says how they look."
            ) from error

    def write(self, path: Path) -> None:
        """As npz."""
        arrays: dict[str, Any] = {"user_id": np.array(self.user_ids, str), "item_ids": self.item_ids.astype(str)}
        if self.scores is not None:
            arrays["scores"] = self.scores
        np.savez_compressed(path, **arrays)

    def answers(self, cases: Cases, users: Vocabulary, items: Vocabulary) -> tuple[Ranked, int]:
        """The list of each case, (C, k), and how many cases have none: they are misses.

        Raises: DataError for people who are no case, ids that the catalogue lacks, an item that stands twice in a list
        or that the person had met, and scores that rise.
        """
        places = self._places(cases, users)
        rows = np.full((len(cases), self.item_ids.shape[1]), -1, np.int32)
        rows[places] = self._rows(items)
        self._check_new(rows, cases, users, items)
        scores = np.where(rows >= 0, np.float32(0), -np.inf) - np.arange(rows.shape[1], dtype=np.float32)
        if self.scores is not None:
            self._check_scores()
            scores = np.full(rows.shape, -np.inf, np.float32)
            scores[places] = self.scores
        return Ranked(rows, np.asarray(scores, np.float32)), len(cases) - len(places)

    def _places(self, cases: Cases, users: Vocabulary) -> np.ndarray:
        """Which case each list answers, int64 (n,)."""
        rows = users.rows(self.user_ids)
        place_of = np.full(len(users) + 1, -1, np.int64)  # the last one takes the -1
        place_of[cases.user_rows] = np.arange(len(cases))
        places = place_of[rows]
        strangers = np.flatnonzero(places < 0)
        if len(strangers):
            self._refuse(
                "lists are for the cases of this split",
                f"{len(strangers)} of {len(self)} are of other people, such as {self.user_ids[strangers[0]]!r}",
                "Export the split (--export) and answer its cases.parquet.",
            )
        _, first = np.unique(places, return_index=True)
        if len(first) < len(self):
            twice = self.user_ids[np.setdiff1d(np.arange(len(self)), first)[0]]
            self._refuse("each case has one list", f"{twice!r} has several", "Keep one.")
        return places

    def _rows(self, items: Vocabulary) -> np.ndarray:
        rows = items.rows(self.item_ids.ravel().tolist()).reshape(self.item_ids.shape)
        unseen = self.item_ids[(rows < 0) & (self.item_ids != NOTHING)]
        if len(unseen):
            found = f"{len(np.unique(unseen))} ids are none of its, such as {str(unseen[0])!r}"
            self._refuse("lists hold items of the catalogue", found, "Use the ids of items.parquet of the export.")
        return rows

    def _check_new(self, rows: np.ndarray, cases: Cases, users: Vocabulary, items: Vocabulary) -> None:
        """No item twice in a list, none that the person had met."""
        owners, places = np.nonzero(rows >= 0)
        keys = owners * np.int64(cases.num_items) + rows[owners, places]
        _, first = np.unique(keys, return_index=True)
        if len(first) < len(keys):
            self._refuse_item(
                "a list holds an item once", keys, np.setdiff1d(np.arange(len(keys)), first), cases, users, items
            )
        histories = cases.histories
        inside = (histories.item_rows >= 0) & (histories.item_rows < cases.num_items)
        met = (histories.owners * np.int64(cases.num_items) + histories.item_rows)[inside]
        seen = np.flatnonzero(np.isin(keys, met))
        if len(seen):
            self._refuse_item("a list holds nothing that the person had met", keys, seen, cases, users, items)

    def _refuse_item(
        self, rule: str, keys: np.ndarray, wrong: np.ndarray, cases: Cases, users: Vocabulary, items: Vocabulary
    ) -> None:
        case, item = divmod(int(keys[wrong[0]]), cases.num_items)
        user_id, item_id = users.ids([int(cases.user_rows[case])])[0], items.ids([item])[0]
        self._refuse(rule, f"{len(wrong)} places break it, such as {item_id!r} for {user_id!r}", "Leave them out.")

    def _check_scores(self) -> None:
        assert self.scores is not None
        filled = self.item_ids != NOTHING
        if self.scores.shape != self.item_ids.shape or not np.isfinite(self.scores[filled]).all():
            found = f"they are of shape {self.scores.shape} for {self.item_ids.shape} items, or not finite"
            self._refuse("each item has a score", found, "Leave `scores` out, or give all of them.")
        rises = (np.diff(self.scores, axis=1) > 0) & filled[:, 1:]
        if rises.any():
            self._refuse("lists are best first", f"the scores of {int(rises.any(axis=1).sum())} rise", "Sort them.")

    def _refuse(self, rule: str, found: str, remedy: str) -> None:
        raise DataError(f"{self.name}: {rule}, but {found}. {remedy}")


def lists_of(name: str, user_rows: np.ndarray, item_rows: np.ndarray, users: Vocabulary, items: Vocabulary) -> TopLists:
    """The lists of rows (n, k), -1 = nothing, in ids."""
    names = np.array([*items.all, NOTHING])
    return TopLists(name=name, user_ids=users.ids(user_rows.tolist()), item_ids=names[item_rows])


def _from_npz(path: Path) -> TopLists:
    with np.load(path, allow_pickle=False) as arrays:
        users, item_ids = arrays["user_id"], arrays["item_ids"]
        scores = arrays["scores"].astype(np.float32) if "scores" in arrays.files else None
    if users.dtype.kind != "U" or item_ids.dtype.kind != "U" or item_ids.shape[:1] != users.shape or item_ids.ndim != 2:
        raise ValueError(f"ids are strings, user_id (n,) and item_ids (n, k), found {users.shape} and {item_ids.shape}")
    return TopLists(name=path.name, user_ids=users.tolist(), item_ids=item_ids, scores=scores)


def _from_parquet(path: Path) -> TopLists:
    table = pl.read_parquet(path)
    table = table.with_columns(pl.col("user_id", "item_id").cast(pl.String)).sort(
        "user_id", "rank", maintain_order=True
    )
    user_ids, owners, lengths = np.unique(table["user_id"].to_numpy(), return_inverse=True, return_counts=True)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    places = np.arange(len(table)) - starts[owners]
    names = table["item_id"].to_numpy().astype(str)
    item_ids = np.full((len(user_ids), int(lengths.max(initial=0))), NOTHING, names.dtype)
    item_ids[owners, places] = names
    scores = None
    if "score" in table.columns:
        scores = np.full(item_ids.shape, -np.inf, np.float32)
        scores[owners, places] = table["score"].to_numpy()
    return TopLists(name=path.name, user_ids=[str(user) for user in user_ids], item_ids=item_ids, scores=scores)

"""Full ranking of the whole catalogue for each case: seen items masked, ties never in anybody's favour.

Legend: B people of a batch, C cases, k list length, I items. Equal scores: relevant items come last, also at the cut.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np

from penchant.evaluation import metrics
from penchant.evaluation.cases import Cases
from penchant.records.errors import DataError
from penchant.records.events import Histories
from penchant.records.ranked import Ranked, mask_seen

MOST_PEOPLE, MOST_CELLS = 256, 4_000_000

Score = Callable[[Histories], np.ndarray]
"""Any system: histories of B people -> float (B, I), higher is better, not finite is no recommendation."""


@dataclass(frozen=True, kw_only=True)
class CaseResults:
    """What a system answered to C cases. Every metric is one float64 per case, in the order of `cases`."""

    cases: Cases
    lists: np.ndarray  # int32 (C, k), item rows best first, -1 fills
    hits: np.ndarray  # bool (C, k), the item is relevant

    def __len__(self) -> int:
        return len(self.lists)

    @property
    def num_relevant(self) -> np.ndarray:
        return self.cases.num_relevant

    @property
    def ndcg(self) -> np.ndarray:
        return metrics.ndcg(self.hits, self.num_relevant)

    @property
    def recall(self) -> np.ndarray:
        return metrics.recall(self.hits, self.num_relevant)

    @property
    def mrr(self) -> np.ndarray:
        return metrics.mrr(self.hits)

    @property
    def coverage(self) -> float:
        """Share of the catalogue that anybody was recommended, 0 to 1."""
        return metrics.coverage(self.lists, self.cases.num_items)

    @property
    def on_known_items(self) -> Self:
        """The same lists, where only items that were in training count as relevant."""
        return self.among(self.cases.known_items)

    @property
    def on_unknown_items(self) -> Self:
        """The same lists, where only items that were not in training count as relevant."""
        return self.among(~self.cases.known_items)

    def select(self, rows: np.ndarray | slice) -> Self:
        """Some of the cases (positions, slice or boolean mask), in the given order."""
        return type(self)(cases=self.cases.select(rows), lists=self.lists[rows], hits=self.hits[rows])

    def among(self, item_mask: np.ndarray) -> Self:
        """Only items under `item_mask` (bool (I,)) count as relevant; cases without any drop out, ranks stay."""
        owners = self.cases.relevant_owners[item_mask[self.cases.relevant_rows]]
        rows = np.unique(owners)
        hits = self.hits[rows] & item_mask[self.lists[rows]]
        return type(self)(cases=self.cases.among(item_mask), lists=self.lists[rows], hits=hits)


def rank_cases(score: Score, cases: Cases, k: int = 10, batch: int | None = None) -> CaseResults:
    """Lets a system score the whole catalogue for each case and keeps the k best.

    batch: people that are asked about at once; memory is `batch` x I. By default so many as have MOST_CELLS scores together.

    Raises: DataError if the scores are not of shape (B, I).
    """
    batch = batch or max(1, min(MOST_PEOPLE, MOST_CELLS // max(cases.num_items, 1)))
    lists, hits = np.full((len(cases), k), -1, np.int32), np.zeros((len(cases), k), bool)
    for start in range(0, len(cases), batch):
        part = cases.select(slice(start, start + batch))
        scores = np.array(score(part.histories), np.float32)
        if scores.shape != (len(part), cases.num_items):
            raise DataError(
                f"Scores are needed for every item of the catalogue, shape {(len(part), cases.num_items)}, "
                f"but the system gave {scores.shape}. Score unknown items too (-inf = no recommendation)."
            )
        mask_seen(scores, part.histories)
        rows = slice(start, start + len(part))
        lists[rows], hits[rows] = _best(scores, _relevant_mask(part), k)
    return CaseResults(cases=cases, lists=lists, hits=hits)


def only(score: Score, item_mask: np.ndarray) -> Score:
    """The system where it is asked for items under `item_mask` (bool (I,)) alone: it recommends nothing else."""
    return lambda histories: np.where(item_mask, score(histories), -np.inf)


def list_results(ranked: Ranked, cases: Cases, k: int = 10) -> CaseResults:
    """For systems that hand in lists, one per case, better longer than k.

    Items of the case's history, duplicates, and scores that are not finite are dropped and the list closes up. The
    order stays, except that within a run of equal scores relevant items move to its end.

    Raises: DataError if there is not one list per case, or an item lies outside the catalogue.
    """
    items = ranked.item_rows
    if len(items) != len(cases) or items.max(initial=-1) >= cases.num_items:
        raise DataError(
            f"One list of catalogue rows is needed for each case ({len(cases)} cases, {cases.num_items} items), "
            f"but {len(items)} lists with rows up to {items.max(initial=-1)} were given. Answer `cases.histories`."
        )
    keys = np.arange(len(cases), dtype=np.int64)[:, None] * cases.num_items + items
    kept = _recommendations(ranked, keys, cases)
    owners = kept // items.shape[1]
    runs = np.cumsum(np.diff(ranked.scores.ravel()[kept], prepend=np.nan) != 0)
    relevant = np.isin(keys.ravel()[kept], cases.relevant_owners * cases.num_items + cases.relevant_rows)
    order = np.lexsort((relevant, runs, owners))
    lists, hits = _lists(owners[order], items.ravel()[kept][order], relevant[order], len(cases), k)
    return CaseResults(cases=cases, lists=lists, hits=hits)


def _recommendations(ranked: Ranked, keys: np.ndarray, cases: Cases) -> np.ndarray:
    """Flat positions of what counts as a recommendation, in order. `keys`: one number per case and item."""
    histories = cases.histories
    inside = (histories.item_rows >= 0) & (histories.item_rows < cases.num_items)
    met = (histories.owners * cases.num_items + histories.item_rows)[inside]
    valid = (ranked.item_rows >= 0) & np.isfinite(ranked.scores) & ~np.isin(keys, met)
    kept = np.flatnonzero(valid)
    _, first = np.unique(keys.ravel()[kept], return_index=True)
    return kept[np.sort(first)]


def _relevant_mask(cases: Cases) -> np.ndarray:
    mask = np.zeros((len(cases), cases.num_items), bool)
    mask[cases.relevant_owners, cases.relevant_rows] = True
    return mask


def _best(scores: np.ndarray, relevant: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """`lists, hits` of the k best of each row: by score, then not relevant first, then by column."""
    scores[~np.isfinite(scores)] = -np.inf
    width = min(k, scores.shape[1])
    limit = np.partition(scores, -width, axis=1)[:, -width, None]
    tied = (scores == limit) & ~relevant
    # Of what is tied with the k-th best, k that are not relevant suffice: constant scores stay cheap.
    beyond = tied & (np.cumsum(tied, axis=1, dtype=np.int32) > k)
    owners, items = np.nonzero((scores >= limit) & (scores > -np.inf) & ~beyond)
    is_relevant = relevant[owners, items]
    order = np.lexsort((is_relevant, -scores[owners, items], owners))
    return _lists(owners[order], items[order], is_relevant[order], len(scores), k)


def _lists(
    owners: np.ndarray, items: np.ndarray, relevant: np.ndarray, num_cases: int, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """`lists, hits` of shape (num_cases, k) from flat entries that are ordered by owner, then best first."""
    ranks = np.arange(len(owners)) - np.searchsorted(owners, owners)
    top = ranks < k
    lists, hits = np.full((num_cases, k), -1, np.int32), np.zeros((num_cases, k), bool)
    lists[owners[top], ranks[top]] = items[top]
    hits[owners[top], ranks[top]] = relevant[top]
    return lists, hits

"""A graph in which a query walks from near to nearer, by `usearch`; what it finds is scored in full.

How far it walks is measured when it is built. Malkov and Yashunin, 2018. The graph keeps half-precision vectors of its own
(bfloat16) under keys that are never used again; which row a key stands for is kept here.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np

from penchant.records.errors import ConfigError, MissingExtraError
from penchant.retrieval.index.exact import search_among, search_rows
from penchant.retrieval.index.index import Index, checked
from penchant.retrieval.index.trial import LENGTH, trial

SMALL = 1000
"""Rows up to which all are looked at."""
LITTLE = 0.03
"""Share of rows up to which a filter's rows are looked at whole."""
MARGIN = 1.5
"""Found for each place of the list, for some will not be allowed, and a few not be among the best in full precision."""
MOST = 0.1
"""Share of rows above which looking for more in the graph costs more than looking at all."""
STALE = 0.2
"""Share of keys that stand for nothing any more from which the graph is made anew."""
NARROWEST, WIDEST = 16, 2048
"""Of the walks that are tried."""


class HnswIndex(Index):
    """`vectors`: float32 (I, D); `rows`: int64 (K,), of each key, -1 for a vector that was replaced; `graph`: its bytes."""

    def __init__(self, settings: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        super().__init__(settings, arrays)
        self._graph = _usearch().Index.restore(self.arrays["graph"], view=True)
        self._graph.expansion_search = self.settings["expansion"]
        self._is_view = True

    @classmethod
    def build(cls, vectors: np.ndarray, recall: float = 0.96, seed: int = 0) -> Self:
        """recall: share of the true 10 nearest that is found, on average over each kind of questions of `trial`, above 0 to 1.

        Raises: DataError as `Index.build`, ConfigError for a share out of its range, MissingExtraError without `usearch`.
        """
        if not 0 < recall <= 1:
            raise ConfigError(f"recall is a share above 0, up to 1, found {recall}.")
        vectors = checked(vectors, None, "Vectors")
        graph = _graph(vectors)
        rows, alive = np.arange(len(vectors)), np.ones(len(vectors), bool)
        index = cls(
            {"recall": recall, "seed": seed, "expansion": NARROWEST},
            {"vectors": vectors, "rows": rows, "alive": alive, "graph": _bytes(graph)},
        )
        index._tune()
        return index

    @property
    def dimension(self) -> int:
        return self.arrays["vectors"].shape[1]

    def save(self, folder: Path) -> None:
        if not self._is_view:
            self.arrays["graph"] = _bytes(self._graph)
        super().save(folder)

    def _search(self, queries: np.ndarray, k: int, allowed: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        usable = len(self) if allowed is None else int(np.count_nonzero(allowed))
        if len(self) <= SMALL or usable <= LITTLE * len(self):
            return search_rows(self.arrays["vectors"], queries, k, allowed)
        rows = np.full((len(queries), k), -1)
        scores = np.full((len(queries), k), -np.inf, np.float32)
        missing = np.arange(len(queries))
        count = int(MARGIN * k * len(self.arrays["rows"]) / usable) + 1
        while len(missing) and count <= MOST * len(self):
            candidates = self._walk(queries[missing], count, allowed)
            rows[missing], scores[missing] = search_among(self.arrays["vectors"], queries[missing], k, candidates)
            missing = missing[(candidates >= 0).sum(axis=1) < k]
            count *= 4
        if len(missing):
            rows[missing], scores[missing] = search_rows(self.arrays["vectors"], queries[missing], k, allowed)
        return rows, scores

    def _walk(self, queries: np.ndarray, count: int, allowed: np.ndarray | None) -> np.ndarray:
        """Rows that the graph finds, int64 (B, count), -1 for those that are not allowed."""
        found = self._graph.search(queries, count, threads=1)
        keys = found.keys.reshape(len(queries), -1).astype(np.int64)
        rows = self.arrays["rows"][keys]
        counts = found.counts if len(queries) > 1 else [len(found)]
        rows[np.arange(keys.shape[1]) >= np.reshape(counts, (-1, 1))] = -1
        if allowed is not None:
            rows[~allowed[rows]] = -1
        return rows

    def _tune(self) -> None:
        """The narrowest walk, by factors of 2, that finds the share of true neighbours."""
        if len(self) <= SMALL:
            return
        queries, true = trial(self.arrays["vectors"], self.settings["seed"])
        expansion = NARROWEST
        while expansion < WIDEST:
            self._graph.expansion_search = self.settings["expansion"] = expansion
            rows, _ = self._search(queries, LENGTH + 1, None)
            found = (rows[:, :, None] == true[:, None, :]).any(axis=1)
            if min(half.mean() for half in np.split(found, 2)) >= self.settings["recall"]:
                break
            expansion *= 2

    def _append(self, vectors: np.ndarray) -> None:
        self.arrays["vectors"] = np.concatenate([self.arrays["vectors"], vectors])
        self._insert(np.arange(len(self), len(self) + len(vectors)), vectors)

    def _put(self, rows: np.ndarray, vectors: np.ndarray) -> None:
        self.arrays["vectors"][rows] = vectors
        self.arrays["rows"][np.isin(self.arrays["rows"], rows)] = -1
        self._insert(rows, vectors)

    def _insert(self, rows: np.ndarray, vectors: np.ndarray) -> None:
        keys = np.arange(len(rows)) + len(self.arrays["rows"])
        self.arrays["rows"] = np.concatenate([self.arrays["rows"], rows])
        if np.count_nonzero(self.arrays["rows"] < 0) > STALE * len(self.arrays["rows"]):
            self._graph, self.arrays["rows"] = _graph(self.arrays["vectors"]), np.arange(len(self.arrays["vectors"]))
        else:
            if self._is_view:
                self._graph = _usearch().Index.restore(self.arrays["graph"])
            self._graph.add(keys, vectors, threads=1)
        self._graph.expansion_search = self.settings["expansion"]
        self._is_view = False


def _graph(vectors: np.ndarray) -> Any:
    """One thread, so that the same vectors give the same graph."""
    graph = _usearch().Index(ndim=vectors.shape[1], metric="ip", dtype="bf16")
    if len(vectors):
        graph.add(np.arange(len(vectors)), vectors, threads=1)
    return graph


def _bytes(graph: Any) -> np.ndarray:
    return np.frombuffer(graph.save(), np.uint8)


def _usearch() -> Any:
    try:
        import usearch.index
    except ImportError as error:
        raise MissingExtraError.of("usearch", "index") from error
    return usearch.index

"""Vectors that lie together are stored together, and a query looks at the clusters near it alone, exactly: an inverted file.

How many clusters are near is measured when it is built: as few as hold the share of the 10 true neighbours that was asked for,
and more in proportion for longer lists. Scores are those of the float32 vectors. Sivic and Zisserman, 2003.
Legend: I rows, D width, C clusters, F fresh rows.
"""

import math
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Self

import numpy as np

from penchant.records.errors import ConfigError
from penchant.retrieval.index.best import best
from penchant.retrieval.index.centres import fit_centres, nearest
from penchant.retrieval.index.exact import search_rows
from penchant.retrieval.index.index import Index, checked
from penchant.retrieval.index.trial import LENGTH, trial

CENTRES = 4.0
"""Centres are so many times the root of the number of rows (docs/experiments.md)."""
LITTLE = 0.03
"""Share of rows up to which a filter's rows are looked at whole."""
FRESH = 0.005
"""Share of rows that wait outside the clusters, to be looked at by every query, until they are sorted in."""
FEWEST_FRESH = 500
CHANGED = 0.2
"""Share of rows sorted in from which the clusters themselves are fitted anew."""


class ClusterIndex(Index):
    """`vectors`: float32 (S, D), cluster by cluster; `rows`: int64 (S,), whose they are, -1 for nobody's any more; `starts`:
    int64 (C + 1,); `centres`: float32 (C, D); `weights`: float32 (C,); `fresh` (F, D) and `fresh_rows` (F,) came later."""

    def __init__(self, settings: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        super().__init__(settings, arrays)
        self._stale = any((arrays[name] < 0).any() for name in ("rows", "fresh_rows") if name in arrays)

    @classmethod
    def build(cls, vectors: np.ndarray, recall: float = 0.96, seed: int = 0) -> Self:
        """recall: share of the true 10 nearest that is found, on average over each kind of questions of `trial`, above 0 to 1.

        Raises: DataError as `Index.build`, ConfigError for a share out of its range.
        """
        if not 0 < recall <= 1:
            raise ConfigError(f"recall is a share above 0, up to 1, found {recall}.")
        vectors = checked(vectors, None, "Vectors")
        index = cls(
            {"recall": recall, "seed": seed}, {"alive": np.ones(len(vectors), bool), **_waiting(vectors.shape[1])}
        )
        index._fit(vectors, np.arange(len(vectors)))
        return index

    @property
    def dimension(self) -> int:
        return self.arrays["centres"].shape[1]

    def _search(self, queries: np.ndarray, k: int, allowed: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        if allowed is not None and np.count_nonzero(allowed) <= max(LITTLE * len(self), 4 * k):
            return self._search_all(queries, k, allowed)
        found = [self._search_near(query, k, allowed) for query in queries]
        rows, scores = zip(*found, strict=True)
        return np.concatenate(rows), np.concatenate(scores)

    def _search_all(self, queries: np.ndarray, k: int, allowed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The best of what is allowed, of all clusters."""
        some = np.flatnonzero(allowed)
        places = self._places[some]
        sorted_in = places >= 0
        vectors, fresh_rows = self.arrays["vectors"][places[sorted_in]], self.arrays["fresh_rows"]
        found = [
            search_rows(vectors, queries, k, names=some[sorted_in]),
            search_rows(self.arrays["fresh"], queries, k, (fresh_rows >= 0) & allowed[fresh_rows], fresh_rows),
        ]
        rows, scores = zip(*found, strict=True)
        return best(np.concatenate(scores, axis=1), k, np.concatenate(rows, axis=1))

    @cached_property
    def _places(self) -> np.ndarray:
        """Where in `vectors` each row stands, int64 (I,), -1 for those that wait outside."""
        used = np.flatnonzero(self.arrays["rows"] >= 0)
        places = np.full(len(self), -1)
        places[self.arrays["rows"][used]] = used
        return places

    def _search_near(self, query: np.ndarray, k: int, allowed: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """The best of the clusters near one query, (1, k) each: of more of them where little is allowed in them."""
        num_clusters = len(self.arrays["centres"])
        probes = min(num_clusters, math.ceil(self.settings["probes"] * max(1.0, k / LENGTH)))
        enough = max(k, probes * len(self) // num_clusters)
        names, scores, seen = [], [], 0
        for number, (some, beside) in enumerate(self._from_near_to_far(query, probes)):
            if number > probes and seen >= enough:
                break
            closeness = beside @ query
            if allowed is not None or self._stale:
                kept = some >= 0 if allowed is None else (some >= 0) & allowed[some]
                some, closeness = some[kept], closeness[kept]
            names.append(some)
            scores.append(closeness)
            seen += len(some)
        return best(np.concatenate(scores)[None], k, np.concatenate(names))

    def _from_near_to_far(self, query: np.ndarray, probes: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Rows and vectors: fresh ones, then cluster by cluster; the first `probes` clusters in any order."""
        yield self.arrays["fresh_rows"], self.arrays["fresh"]
        vectors, rows, starts = self.arrays["vectors"], self.arrays["rows"], self.arrays["starts"]
        closeness = (self.arrays["centres"] @ query) * self.arrays["weights"]
        near = np.argpartition(closeness, len(closeness) - probes)[len(closeness) - probes :]
        for cluster in near.tolist():
            yield rows[starts[cluster] : starts[cluster + 1]], vectors[starts[cluster] : starts[cluster + 1]]
        closeness[near] = np.inf
        for cluster in np.argsort(-closeness)[probes:].tolist():
            yield rows[starts[cluster] : starts[cluster + 1]], vectors[starts[cluster] : starts[cluster + 1]]

    def _append(self, vectors: np.ndarray) -> None:
        self._take(np.arange(len(self), len(self) + len(vectors)), vectors)

    def _put(self, rows: np.ndarray, vectors: np.ndarray) -> None:
        for name in ("rows", "fresh_rows"):
            self.arrays[name][np.isin(self.arrays[name], rows)] = -1
        self._stale = True
        self._take(rows, vectors)

    def _take(self, rows: np.ndarray, vectors: np.ndarray) -> None:
        """Lets rows wait outside the clusters, and sorts in all that wait when they are many."""
        self.__dict__.pop("_places", None)
        self.arrays["fresh"] = np.concatenate([self.arrays["fresh"], vectors])
        self.arrays["fresh_rows"] = np.concatenate([self.arrays["fresh_rows"], rows])
        if len(self.arrays["fresh"]) > max(FEWEST_FRESH, FRESH * len(self.arrays["rows"])):
            self._settle()

    def _settle(self) -> None:
        arrays = self.arrays
        num_centres = len(arrays["centres"])
        labels = np.repeat(np.arange(num_centres), np.diff(arrays["starts"]))
        rows = np.concatenate([arrays["rows"], arrays["fresh_rows"]])
        vectors = np.concatenate([arrays["vectors"], arrays["fresh"]])
        used = rows >= 0
        self.settings["changed"] += len(arrays["fresh"])
        if self.settings["changed"] > CHANGED * np.count_nonzero(used):
            self._fit(vectors[used], rows[used])
        else:
            labels = np.concatenate([labels, nearest(arrays["fresh"], arrays["centres"])])
            arrays |= _sorted(vectors[used], rows[used], labels[used], num_centres)
        arrays |= _waiting(self.dimension)
        self._stale = False

    def _fit(self, vectors: np.ndarray, rows: np.ndarray) -> None:
        """Clusters for these rows, and how many of them are near."""
        recall, seed = self.settings["recall"], self.settings["seed"]
        num_centres = max(1, min(round(CENTRES * math.sqrt(len(vectors))), len(vectors) // 8))
        centres = (
            fit_centres(vectors, num_centres, seed) if len(vectors) else np.zeros((1, vectors.shape[1]), np.float32)
        )
        labels = nearest(vectors, centres)
        weights, probes = _measured(vectors, centres, labels, recall, seed)
        self.settings |= {"probes": probes, "changed": 0}
        self.arrays |= {"centres": centres, "weights": weights, **_sorted(vectors, rows, labels, num_centres)}


def _waiting(dimension: int) -> dict[str, np.ndarray]:
    return {"fresh": np.empty((0, dimension), np.float32), "fresh_rows": np.empty(0, np.int64)}


def _sorted(vectors: np.ndarray, rows: np.ndarray, labels: np.ndarray, num_centres: int) -> dict[str, np.ndarray]:
    order = np.lexsort((rows, labels))
    starts = np.concatenate([[0], np.cumsum(np.bincount(labels, minlength=num_centres))])
    return {"vectors": vectors[order], "rows": rows[order], "starts": starts}


def _measured(
    vectors: np.ndarray, centres: np.ndarray, labels: np.ndarray, recall: float, seed: int
) -> tuple[np.ndarray, int]:
    """Weights of the centres, float32 (C,), and how many of the nearest hold that share of true neighbours, at least.

    A centre that lies between several bunches is short and would seem far: where directions alone need fewer, they count.
    """
    lengths = np.linalg.norm(centres, axis=1)
    both = np.ones_like(lengths), 1 / np.where(lengths > 0, lengths, 1)
    if len(vectors) <= LENGTH:
        return both[0], 1
    queries, rows = trial(vectors, seed)
    closeness = queries @ centres.T
    needed = [_probes(closeness * weights, labels[rows], recall) for weights in both]
    return both[int(np.argmin(needed))], min(needed)


def _probes(closeness: np.ndarray, wanted: np.ndarray, recall: float) -> int:
    """The number of nearest clusters that hold that share of the wanted (B, n), in either half; closeness (B, C)."""
    of_wanted = np.take_along_axis(closeness, wanted, axis=1)
    places = (closeness[:, None, :] > of_wanted[:, :, None]).sum(axis=2)
    return 1 + max(int(np.quantile(half, recall, method="higher")) for half in np.split(places, 2))

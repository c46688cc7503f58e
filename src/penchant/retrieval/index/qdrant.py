"""Vectors that a Qdrant server holds, behind the same calls as the other indexes. How it finds them is the server's affair.

A folder that is saved keeps only where they are and which rows are removed; a change is seen by everybody who asks that server.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

import numpy as np

from penchant.records.errors import ConfigError, MissingExtraError
from penchant.retrieval.index.best import best
from penchant.retrieval.index.index import Index, checked

AT_ONCE = 1000
"""Points sent in one request."""


class QdrantIndex(Index):
    """`settings`: url, collection and dimension. A row is the point whose id it is."""

    def __init__(self, settings: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        super().__init__(settings, arrays)
        self._client = _qdrant().QdrantClient(location=self.settings["url"], check_compatibility=False)

    @classmethod
    def build(cls, vectors: np.ndarray, url: str = "http://localhost:6333", collection: str = "penchant") -> Self:
        """Sends vectors to a new collection of the server at `url`; ":memory:" is for tests and small things.

        Raises: DataError as `Index.build`; ConfigError for a server that does not answer or a collection that is there already;
        MissingExtraError without `qdrant-client`.
        """
        vectors = checked(vectors, None, "Vectors")
        settings = {"url": url, "collection": collection, "dimension": vectors.shape[1]}
        index = cls(settings, {"alive": np.ones(len(vectors), bool)})
        models = _qdrant().models
        with index._answering():
            if index._client.collection_exists(collection):
                raise ConfigError(
                    f"{url} has a collection {collection!r} already. Name another one, or delete that one first."
                )
            parameters = models.VectorParams(size=vectors.shape[1], distance=models.Distance.DOT)
            index._client.create_collection(collection, vectors_config=parameters)
        index._put(np.arange(len(vectors)), vectors)
        return index

    @property
    def dimension(self) -> int:
        return int(self.settings["dimension"])

    def remove(self, rows: np.ndarray) -> None:
        rows = self._rows(rows)
        if len(rows):
            with self._answering():
                self._client.delete(self.settings["collection"], points_selector=rows.tolist())
        super().remove(rows)

    def _search(self, queries: np.ndarray, k: int, allowed: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        models, chosen = _qdrant().models, self._filter(allowed)
        requests = [models.QueryRequest(query=query.tolist(), limit=k, filter=chosen) for query in queries]
        with self._answering():
            answers = self._client.query_batch_points(self.settings["collection"], requests=requests)
        rows = np.full((len(queries), k), -1)
        scores = np.full((len(queries), k), -np.inf, np.float32)
        for line, answer in enumerate(answers):
            points = answer.points
            rows[line, : len(points)] = [point.id for point in points]
            scores[line, : len(points)] = [point.score for point in points]
        return best(scores, k, rows)

    def _filter(self, allowed: np.ndarray | None) -> Any:
        """By the ids that may be found, or those that may not, whichever are fewer; None where there is nothing to say."""
        if allowed is None:
            return None
        models, barred = _qdrant().models, np.flatnonzero(self.arrays["alive"] & ~allowed)
        if len(barred) == 0:
            return None
        kept = np.flatnonzero(allowed)
        if len(kept) <= len(barred):
            return models.Filter(must=[models.HasIdCondition(has_id=kept.tolist())])
        return models.Filter(must_not=[models.HasIdCondition(has_id=barred.tolist())])

    def _append(self, vectors: np.ndarray) -> None:
        self._put(np.arange(len(self), len(self) + len(vectors)), vectors)

    def _put(self, rows: np.ndarray, vectors: np.ndarray) -> None:
        models = _qdrant().models
        for start in range(0, len(rows), AT_ONCE):
            some = slice(start, start + AT_ONCE)
            batch = models.Batch(ids=rows[some].tolist(), vectors=vectors[some].tolist())
            with self._answering():
                self._client.upsert(self.settings["collection"], points=batch, wait=True)

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Raises: ConfigError where the server does not answer, or refuses."""
        try:
            yield
        except _qdrant().http.exceptions.ApiException as error:
            raise ConfigError(
                f"The Qdrant server at {self.settings['url']} did not do it ({error}). Start it, or name another one."
            ) from error


def _qdrant() -> Any:
    try:
        import qdrant_client
    except ImportError as error:
        raise MissingExtraError.of("qdrant-client", "qdrant") from error
    return qdrant_client

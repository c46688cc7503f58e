"""Items whose texts say something similar: to an item of the catalogue, or to words. Knows no person and no event.

Legend: I items, T text width, Q asked.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from penchant.records.artifacts import read_json
from penchant.records.errors import ArtifactError, DataError, suggestion
from penchant.records.ranges import Range
from penchant.retrieval.index.choose import build_index, choose
from penchant.retrieval.index.clusters import ClusterIndex
from penchant.retrieval.index.exact import ExactIndex
from penchant.retrieval.index.hnsw import HnswIndex
from penchant.retrieval.index.index import HEAD, Index
from penchant.retrieval.index.quantised import QuantisedIndex
from penchant.retrieval.sources.text_knn import TextKNN
from penchant.stages.asking import Asking

LENGTH = Range(least=1, whole=True)
INDEXES: dict[str, type[Index]] = {
    "ExactIndex": ExactIndex,
    "QuantisedIndex": QuantisedIndex,
    "ClusterIndex": ClusterIndex,
    "HnswIndex": HnswIndex,
}


class SimilarItems:
    """Over the directions of the catalogue's texts, as text-kNN has them. A large catalogue gets an index, made when it is first
    asked for, or saved; `folder`: where it was saved, if it was."""

    def __init__(self, text_knn: TextKNN, asking: Asking, folder: Path | None = None) -> None:
        self.text_knn = text_knn
        self.asking = asking
        self.folder = folder
        self.there: Callable[[int], np.ndarray | None] = lambda _: None
        """What is not gone of so many items, bool; None: everything is there."""

    def to_items(self, item_ids: Sequence[str], k: int, domain: str | None = None) -> pl.DataFrame:
        """The k nearest of each, itself left out: `asked, item_id, score, rank`; score is a cosine. Without a text: none.

        Raises: DataError for an unknown item or domain, or k below 1.
        """
        rows = self.asking.rows.rows(list(item_ids))
        if (rows < 0).any():
            unknown = item_ids[int((rows < 0).argmax())]
            raise DataError(f"Item {unknown!r} is not in the catalogue. Use one of its ids, or ask with words.")
        return self._nearest(item_ids, self._vectors[rows], rows, k, domain)

    def to_texts(self, texts: Sequence[str], k: int, domain: str | None = None) -> pl.DataFrame:
        """The k nearest of each text, likewise.

        Raises: DataError for an empty text, an unknown domain, or k below 1.
        """
        if not all(isinstance(text, str) and text.strip() for text in texts):
            raise DataError("A text to look for is empty, or no text. Say a word or two.")
        away = self.asking.reader.read(list(texts)) - self.text_knn.arrays["mean"]
        queries = away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9)
        return self._nearest(texts, queries, np.full(len(texts), -1), k, domain)

    def save(self, folder: Path) -> None:
        """Writes the index of a large catalogue; a small one needs none."""
        if choose(*self._vectors.shape) is not ExactIndex:
            self.index.save(folder)

    @cached_property
    def index(self) -> Index:
        """Of the catalogue, in the order of its rows. Raises: ArtifactError for a saved one that is damaged."""
        if self.folder is not None and (self.folder / HEAD).exists():
            return load_index(self.folder)
        return build_index(self._vectors)

    @property
    def _vectors(self) -> np.ndarray:
        """Unit vectors, float32 (I, T); zeros without a text."""
        return self.text_knn.directions()

    @cached_property
    def _with_text(self) -> np.ndarray:
        """bool (I,): which items say anything; encoders give a vector to the others too."""
        words = [pl.col(name).str.strip_chars().str.len_bytes() > 0 for name in ("title", "description", "attributes")]
        said = pl.any_horizontal(*words, pl.col("tags").list.len() > 0).fill_null(False)
        return self.asking.items.select(said=said)["said"].to_numpy()

    def _nearest(
        self, asked: Sequence[str], queries: np.ndarray, own: np.ndarray, k: int, domain: str | None
    ) -> pl.DataFrame:
        """own: rows that are not to be found, int (Q,), -1 for none."""
        if k not in LENGTH:
            raise DataError(f"k is the length of a list, {LENGTH}, found {k!r}.")
        k = min(k, len(self._vectors))
        silent = (own >= 0) & ~self._with_text[own]
        allowed = self._with_text if domain is None else self._with_text & self.asking.domains.mask(domain)
        there = self.there(len(allowed))
        allowed = allowed if there is None else allowed & there
        rows, scores = self.index.search(queries, k + 1, None if allowed.all() else allowed)
        rows[silent] = -1
        records = []
        for name, self_row, found, values in zip(asked, own, rows, scores, strict=True):
            kept = [place for place, row in enumerate(found) if row >= 0 and row != self_row]
            records += [
                {
                    "asked": name,
                    "item_id": self.asking.rows.all[int(found[place])],
                    "score": float(values[place]),
                    "rank": n,
                }
                for n, place in enumerate(kept[:k], start=1)
            ]
        schema = {"asked": pl.String, "item_id": pl.String, "score": pl.Float64, "rank": pl.Int64}
        return pl.DataFrame(records, schema=schema)


def load_index(folder: Path) -> Index:
    """An index of whatever kind was saved. Raises: ArtifactError when it is missing, damaged or of an unknown kind."""
    head = read_json(folder / HEAD)
    kind = head.get("index") if isinstance(head, dict) else None
    if kind not in INDEXES:
        raise ArtifactError(f"{folder} holds an index of the kind {kind!r}. {suggestion(str(kind), INDEXES)}")
    return INDEXES[kind].load(folder)

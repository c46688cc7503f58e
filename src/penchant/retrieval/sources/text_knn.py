"""Text-kNN: items whose vectors point where the recent history points. Works for items that nobody has met."""

from typing import ClassVar, Self

import numpy as np

from penchant.records.errors import ConfigError
from penchant.records.events import Events, Histories
from penchant.retrieval.counting import decayed
from penchant.retrieval.settings import check_share
from penchant.retrieval.source import CandidateSource, Settings


class TextKNN(CandidateSource):
    """Cosine with the recency-weighted centroid of the history, after the catalogue's mean is taken away.

    An event counts with the vector of its item, be it of the catalogue or raw, and a search with its own text.
    """

    GRID: ClassVar[tuple[Settings, ...]] = tuple({"decay": decay} for decay in (0.8, 0.5, 0.9, 0.95))
    SCORING: ClassVar[frozenset[str]] = frozenset({"decay"})

    @classmethod
    def fit(cls, events: Events, num_items: int, item_vectors: np.ndarray, *, decay: float = 0.8) -> Self:  # noqa: ARG003
        """Centres and normalises the vectors; learns nothing from the events.

        item_vectors: float (I, d); a row of zeros is an item without a text.
        decay: weight of an event relative to the one after it, above 0 to 1.

        Raises:
            ConfigError: decay is out of its range, or there is not one vector for each item.
        """
        check_share("decay", decay)
        if item_vectors.ndim != 2 or len(item_vectors) != num_items:
            raise ConfigError(
                f"Text-kNN needs one vector for each of the {num_items} items, found shape {item_vectors.shape}. "
                "Encode the texts of the whole catalogue."
            )
        vectors = item_vectors.astype(np.float32)
        with_text = vectors.any(axis=1)
        mean = vectors[with_text].mean(axis=0) if with_text.any() else np.zeros(vectors.shape[1], np.float32)
        return cls(num_items, {"decay": decay}, {"mean": mean, "vectors": _directions(vectors, mean)})

    def score(self, histories: Histories) -> np.ndarray:
        return np.asarray(self.interest(histories) @ self.arrays["vectors"].T)

    def score_extra(self, histories: Histories) -> np.ndarray:
        """Scores of the E raw items that came with the request, float32 (B, E), on the same scale as `score`."""
        return np.asarray(self.interest(histories) @ self._directions(histories.extra_vectors).T)

    def directions(self, extra_vectors: np.ndarray | None = None) -> np.ndarray:
        """Unit vectors of the catalogue and of raw items (E, d) behind it, float32 (I + E, d); zeros without a text."""
        known = self.arrays["vectors"]
        return known if extra_vectors is None else np.concatenate([known, self._directions(extra_vectors)])

    def interest(self, histories: Histories) -> np.ndarray:
        """Unit vectors of where the histories point, (B, d); zeros where there is nothing to go by."""
        parts = (
            self.arrays["vectors"],
            self._directions(histories.extra_vectors),
            self._directions(histories.text_vectors),
        )
        first_text = len(parts[0]) + len(parts[1])
        by_text = (histories.item_rows < 0) & (histories.text_rows >= 0)
        columns = np.where(by_text, first_text + histories.text_rows, histories.item_rows)
        columns[~by_text & (columns >= first_text)] = -1
        columns[columns >= first_text + len(parts[2])] = -1
        weights = decayed(histories, columns, first_text + len(parts[2]), self.settings["decay"])
        ends = np.cumsum([len(part) for part in parts])
        centroid = sum(weights[:, end - len(part) : end] @ part for part, end in zip(parts, ends, strict=True))
        return _unit(np.asarray(centroid))

    def _directions(self, vectors: np.ndarray | None) -> np.ndarray:
        mean = self.arrays["mean"]
        return np.zeros((0, len(mean)), np.float32) if vectors is None else _directions(vectors, mean)


def _directions(vectors: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Unit vectors away from the mean; a row of zeros stays zeros."""
    return _unit((vectors - mean) * vectors.any(axis=1, keepdims=True)).astype(np.float32, copy=False)


def _unit(vectors: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(norms > 0, norms, 1))

"""Few numbers for a person and an item together, from the vectors that a network has for each: fixed once, never learned.

    [1, score, person, item, person * item]
with the score of the ranking standardised among the candidates, and both vectors seen along the W directions in which items
differ most, each with the same spread. Products are what lets one linear layer know that different people like different items.
Legend: B people, N candidates, I items, d width of vectors, W directions, D = 2 + 3 W features.
"""

from dataclasses import dataclass

import numpy as np

from penchant.records.errors import DataError

SCORE = 1
"""Column of the ranking's own score."""


@dataclass(frozen=True)
class PairFeatures:
    """`centre`: float32 (d,); `directions`: float32 (d, W)."""

    centre: np.ndarray
    directions: np.ndarray

    @classmethod
    def fit(cls, item_vectors: np.ndarray, width: int) -> "PairFeatures":
        """Principal directions of item vectors (I, d); fewer than `width` if the vectors have fewer.

        Raises: DataError without items that differ.
        """
        unit = _unit(item_vectors)
        centre = unit.mean(axis=0) if len(unit) else np.zeros(unit.shape[1])
        values, vectors = np.linalg.eigh((unit - centre).T @ (unit - centre) / max(1, len(unit)))
        kept = np.argsort(-values)[:width]
        kept = kept[values[kept] > 1e-6 * max(values.max(), 1e-6)]
        if not len(kept):
            raise DataError(
                f"Directions need items that differ, but the {len(unit)} item vectors don't. Encode items with texts."
            )
        directions = vectors[:, kept] / np.sqrt(values[kept] * len(kept))
        return cls(centre.astype(np.float32), directions.astype(np.float32))

    @property
    def num_features(self) -> int:
        return 2 + 3 * self.directions.shape[1]

    def __call__(self, people: np.ndarray, items: np.ndarray, scores: np.ndarray) -> np.ndarray:
        """float32 (B, N, D), each part of a squared length of about 1.

        people: (B, d); items: (B, N, d); scores: (B, N), -inf where there is no candidate: its features are of no use.
        """
        width = self.directions.shape[1]
        features = np.ones((*scores.shape, self.num_features), np.float32)
        features[..., SCORE] = _standardised(scores)
        person, item = features[..., 2 : 2 + width], features[..., 2 + width : 2 + 2 * width]
        person[:] = self._seen(people)[:, None]
        item[:] = self._seen(items)
        features[..., 2 + 2 * width :] = person * item * width**0.5
        return features

    def _seen(self, vectors: np.ndarray) -> np.ndarray:
        return (_unit(vectors) - self.centre) @ self.directions


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


def _standardised(scores: np.ndarray) -> np.ndarray:
    """Mean 0 and deviation 1 among the candidates of each row that are there, 0 for the others."""
    there = np.isfinite(scores)
    count = np.maximum(there.sum(axis=1, keepdims=True), 1)
    known = np.where(there, scores, 0.0)
    centred = np.where(there, known - known.sum(axis=1, keepdims=True) / count, 0.0)
    deviation = np.sqrt((centred**2).sum(axis=1, keepdims=True) / count)
    return np.asarray(centred / np.where(deviation > 1e-9, deviation, np.inf))

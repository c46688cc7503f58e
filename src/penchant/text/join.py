"""Several texts of one item (title, tags, description, reviews) become one vector: in one text, or vector by vector.

It knows parts of items and a function that reads texts. Which of the three ways is taken, is chosen in `stages`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from penchant.text.templates import item_text

Part = tuple[str, str]
"""Field and text."""
Read = Callable[[list[str]], np.ndarray]
"""Texts to vectors, float32 (n, D)."""
NOTHING: Part = ("title", "")
MOST_REVIEWS = 20


def item_parts(row: Mapping[str, Any], reviews: Sequence[str] = ()) -> list[Part]:
    """The texts of a row of an items table, and the first 20 of its reviews; one empty part where there is nothing.

    >>> item_parts({"title": "Toy Story", "tags": ["Animation", "Comedy"]}, reviews=["So funny!"])
    [('title', 'Toy Story.'), ('tags', 'Animation, Comedy.'), ('review', 'So funny!')]
    """
    fields = {
        "title": item_text({**row, "tags": None, "description": None}),
        "tags": item_text({"tags": row.get("tags")}),
        "description": item_text({"description": row.get("description")}),
    }
    parts = [*fields.items(), *(("review", " ".join(review.split())) for review in reviews[:MOST_REVIEWS])]
    return [(field, text) for field, text in parts if text] or [NOTHING]


def concat(items: Sequence[Sequence[Part]], read: Read) -> np.ndarray:
    """The vector of all parts in one text, (I, D): cheapest, but what an encoder cuts off at its end is lost."""
    return read([" ".join(text for _, text in parts) for parts in items])


def mean(items: Sequence[Sequence[Part]], read: Read) -> np.ndarray:
    """The mean of the vectors of an item's parts, at unit length, (I, D): each part counts the same, long or short."""
    vectors_PD, item_P, _ = _read_parts(items, read)
    return _weighted(vectors_PD, item_P, np.ones(len(item_P)), len(items))


@dataclass(frozen=True, kw_only=True)
class Attention:
    """The weighted mean of the vectors of an item's parts: what could be said of any item weighs less.

    The weights are not learned from what people do. They are to vectors what idf is to words: a softmax, over an
    item's parts, of the distance (1 - cosine) of each part to the mean of its field, over `temperature`. A review that
    says "great product" lies at the centre of reviews and hardly counts. `centres`: field -> unit vector, of the items
    that it was fitted on; a part of a field that was not there weighs as much as the field that is most typical.
    """

    centres: Mapping[str, np.ndarray]
    temperature: float = 0.1

    @classmethod
    def fit(cls, items: Sequence[Sequence[Part]], read: Read, temperature: float = 0.1) -> "Attention":
        """Centres of the fields of these items. A low temperature lets the most telling part decide."""
        vectors_PD, _, fields_P = _read_parts(items, read)
        means = {str(field): vectors_PD[fields_P == field].mean(axis=0) for field in np.unique(fields_P)}
        centres = {field: centre / max(float(np.linalg.norm(centre)), 1e-12) for field, centre in means.items()}
        return cls(centres=centres, temperature=temperature)

    def __call__(self, items: Sequence[Sequence[Part]], read: Read) -> np.ndarray:
        """One vector of unit length an item, (I, D)."""
        vectors_PD, item_P, fields_P = _read_parts(items, read)
        return _weighted(
            vectors_PD, item_P, np.exp(self._distances(vectors_PD, fields_P) / self.temperature), len(items)
        )

    def _distances(self, vectors_PD: np.ndarray, fields_P: np.ndarray) -> np.ndarray:
        distances_P = np.zeros(len(vectors_PD))
        for field, centre in self.centres.items():
            chosen = fields_P == field
            distances_P[chosen] = 1 - vectors_PD[chosen] @ centre
        return distances_P


def _read_parts(items: Sequence[Sequence[Part]], read: Read) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vectors of all parts one after another, the item (ascending) and the field of each."""
    parts = [part for item in items for part in item]
    item_P = np.repeat(np.arange(len(items)), [len(item) for item in items])
    return read([text for _, text in parts]), item_P, np.array([field for field, _ in parts], dtype=str)


def _weighted(vectors_PD: np.ndarray, item_P: np.ndarray, weights_P: np.ndarray, num_items: int) -> np.ndarray:
    from scipy.sparse import csr_array  # type: ignore[import-untyped]

    ends = np.searchsorted(item_P, np.arange(num_items + 1))
    sums_ID = csr_array((weights_P, np.arange(len(item_P)), ends), shape=(num_items, len(item_P))) @ vectors_PD
    lengths = np.linalg.norm(sums_ID, axis=1, keepdims=True)
    return np.asarray(sums_ID / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)

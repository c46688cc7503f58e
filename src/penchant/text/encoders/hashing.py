"""An encoder without a model: words and pieces of words, hashed into a fixed number of signed counts."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from math import log

import numpy as np

WORD = re.compile(r"\w+")
PIECE_LENGTHS = (2, 3, 4)
WORD_WEIGHT, PAIR_WEIGHT, PIECE_WEIGHT = 1.0, 0.5, 0.3


class HashingEncoder:
    """Signed feature hashing (Weinberger et al., 2009) of words, pairs of words and pieces of words, unit length.

    Texts are near when they share spelling. It knows no meaning: synonyms, other languages and negation are lost on
    it, and unrelated features share a column. It is the floor that a language model has to beat, and serves tests.
    Needs no weights, and gives the same vectors in every process.

    >>> film, films, soup = HashingEncoder().encode(["a funny film", "funny films", "hot soup"])
    >>> bool(film @ films > 0.4 > film @ soup)
    True
    """

    def __init__(self, dimension: int = 256) -> None:
        self.dimension = dimension
        self.model_id = f"hashing-{dimension}"

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of unit length, float32 (n, dimension)."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for feature, weight in _weights(text).items():
                number = _number(feature)
                row[number % self.dimension] += weight if number >> 63 else -weight
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.finfo(np.float32).tiny)
        return vectors


def _weights(text: str) -> dict[str, float]:
    """Each feature of the text, weighted by kind and by 1 + log of its count."""
    words = WORD.findall(text.lower())
    kinds = (
        (WORD_WEIGHT, (f"w {word}" for word in words)),
        (PAIR_WEIGHT, (f"2 {first} {second}" for first, second in pairwise(words))),
        (PIECE_WEIGHT, (piece for word in words for piece in _pieces(word))),
    )
    weights = {
        feature: weight * (1 + log(count)) for weight, features in kinds for feature, count in Counter(features).items()
    }
    return weights or {"": 1.0}  # so that even a text without words has a direction


def _pieces(word: str) -> Iterator[str]:
    bounded = f"<{word}>"
    for length in PIECE_LENGTHS:
        yield from (f"p {bounded[i : i + length]}" for i in range(len(bounded) - length + 1))


@lru_cache(maxsize=1 << 18)
def _number(feature: str) -> int:
    """64 bits that depend on nothing but the feature."""
    return int.from_bytes(blake2b(feature.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")

"""Encoders that are a matrix: a text is its words, a word is a row, and the vector is their weighted sum.

What Word2Vec and TF-IDF with SVD learn has this one form; only how the rows come about differs. Words are cut by a
function that the caller gives, for that depends on language.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array  # type: ignore[import-untyped]

from penchant.records.artifacts import check_folder, new_folder, read_json
from penchant.records.errors import ArtifactError, DataError
from penchant.text.encoders.texts import unit_length

Segment = Callable[[str], Sequence[str]]
"""Cuts a text into words. One with a `digest` (`text.cutting`) is told apart from others by it, too."""

BLOCK_TEXTS = 4096
PROBE = "Running shoes, don't stop: 跑步鞋和耳机 3.5 naïve ÉTÉ"
"""What tells one way to cut words from another."""


class WordsEncoder:
    """The unit-length sum of (1 + log count) times the row of each word of a text; unknown words are left out.

    `words`: no word twice. `matrix`: float32 (words, dimension), weights of words included. `kind`: how it was
    learned. A text without a known word gets the same direction as every other such text.
    The `model_id` is a hash of words and matrix, of how `segment` cuts a probe, and of its digest if it has one.
    """

    def __init__(self, kind: str, words: Sequence[str], matrix: np.ndarray, segment: Segment) -> None:
        self.kind = kind
        self.words = list(words)
        self.matrix = np.ascontiguousarray(matrix, np.float32)
        self._segment = segment
        self._row_of = {word: row for row, word in enumerate(self.words)}
        self.model_id = f"{kind}-{self._hash()}"

    @property
    def dimension(self) -> int:
        return self.matrix.shape[1]

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of unit length, float32 (n, dimension)."""
        starts = range(0, len(texts), BLOCK_TEXTS)
        blocks = [damped_counts(texts[start : start + BLOCK_TEXTS], self._segment, self._row_of) for start in starts]
        vectors = [np.asarray(block @ self.matrix) for block in blocks]
        return unit_length(np.concatenate([np.empty((0, self.dimension), np.float32), *vectors]))

    def save(self, folder: Path) -> None:
        """Writes words.json and model.safetensors, with a manifest; a folder that is there is replaced."""
        from safetensors.numpy import save_file

        with new_folder(folder) as draft:
            about = {"kind": self.kind, "cut_probe": _cut(self._segment), "words": self.words}
            (draft / "words.json").write_text(json.dumps(about, ensure_ascii=False) + "\n", encoding="utf-8")
            save_file({"matrix": self.matrix}, draft / "model.safetensors")

    @classmethod
    def load(cls, folder: Path, segment: Segment) -> "WordsEncoder":
        """What `save` wrote. Raises ArtifactError if it is damaged, or was learned from words cut in another way."""
        from safetensors.numpy import load_file

        check_folder(Path(folder))
        about = read_json(Path(folder) / "words.json")
        if about["cut_probe"] != _cut(segment):
            raise ArtifactError(
                f"{folder} was learned from words cut as {about['cut_probe']}, and now they are cut as {_cut(segment)}. "
                "Use the segmentation that it was fitted with, or fit it again."
            )
        return cls(about["kind"], about["words"], load_file(Path(folder) / "model.safetensors")["matrix"], segment)

    def _hash(self) -> str:
        digest = blake2b("\0".join([*self.words, "", *_cut(self._segment)]).encode(), digest_size=6)
        digest.update(self.matrix.tobytes())
        return digest.hexdigest()


def commonest_words(texts: Iterable[str], segment: Segment, min_texts: int, most: int) -> dict[str, int]:
    """Word -> number of texts that it stands in, at least `min_texts`: the `most` commonest, ties by alphabet.

    Raises DataError where no word is left.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(set(segment(readable(text))))
    kept = sorted(
        (word for word, count in counts.items() if count >= min_texts), key=lambda word: (-counts[word], word)
    )
    if not kept:
        raise DataError(f"No word stands in {min_texts} texts or more. Give more texts, or lower min_texts.")
    return {word: counts[word] for word in kept[:most]}


def damped_counts(texts: Sequence[str], segment: Segment, row_of: dict[str, int]) -> csr_array:
    """1 + log of how often each known word stands in each text, float32 (texts, words)."""
    rows = [Counter(row_of[word] for word in segment(readable(text)) if word in row_of) for text in texts]
    columns = np.fromiter((column for row in rows for column in row), np.int64)
    counts = np.fromiter((count for row in rows for count in row.values()), np.float32)
    ends = np.cumsum([0, *map(len, rows)])
    return csr_array((1 + np.log(counts), columns, ends), shape=(len(texts), len(row_of)))


def readable(text: str) -> str:
    """The text without halves of surrogate pairs, which no dictionary of words takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _cut(segment: Segment) -> list[str]:
    digest = getattr(segment, "digest", "")
    return [*segment(PROBE), *([digest] if digest else [])]

"""Which words and short phrases stand in a text: hashed n-grams with inverse document frequencies, as sparse rows.

A Chinese, Japanese or Korean character is a word of its own, so no segmenter and no word list is needed. It knows no meaning.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log
from typing import Any
from zlib import crc32

import numpy as np

NUM_COLUMNS = 1 << 17
LENGTHS = (1, 2, 3)
TOKEN = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+|[!?！？~]"
)


@dataclass(frozen=True)
class NGrams:
    """1 + log(count) times `idf` of each n-gram of up to three tokens, unit length (Weinberger et al., 2009)."""

    idf: np.ndarray  # float32 (NUM_COLUMNS,)

    @classmethod
    def fit(cls, texts: Sequence[str]) -> "NGrams":
        """`idf` = 1 + ln((1 + texts) / (1 + texts with the n-gram))."""
        found = np.bincount(_counts(texts).indices, minlength=NUM_COLUMNS)
        return cls((1 + np.log((1 + len(texts)) / (1 + found))).astype(np.float32))

    def __call__(self, texts: Sequence[str]) -> Any:
        """SciPy CSR, float64 (n, NUM_COLUMNS); a text without a token is a row of zeros."""
        rows = _counts(texts)
        rows.data *= self.idf[rows.indices]
        lengths = np.sqrt(np.bincount(_owners(rows), weights=rows.data**2, minlength=len(texts)))
        rows.data /= lengths[_owners(rows)]
        return rows


def ngrams(text: str) -> Iterator[str]:
    """The n-grams of a text, with repetitions.

    >>> list(ngrams("很 Very good"))
    ['很', 'very', 'good', '很 very', 'very good', '很 very good']
    """
    tokens = TOKEN.findall(text.lower())
    for length in LENGTHS:
        yield from (" ".join(tokens[i : i + length]) for i in range(len(tokens) - length + 1))


def _counts(texts: Sequence[str]) -> Any:
    from scipy.sparse import csr_array  # type: ignore[import-untyped]

    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for text in texts:
        counts = Counter(crc32(gram.encode("utf-8", "surrogatepass")) % NUM_COLUMNS for gram in ngrams(text))
        columns.extend(counts)
        values.extend(1 + log(count) for count in counts.values())
        ends.append(len(columns))
    return csr_array((np.array(values, np.float64), np.array(columns, np.int32), ends), (len(texts), NUM_COLUMNS))


def _owners(rows: Any) -> np.ndarray:
    return np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))

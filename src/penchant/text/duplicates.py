"""Texts that are nearly the same, found without comparing all pairs: MinHash signatures cut into bands (Broder, 1997; Leskovec
et al., Mining of Massive Datasets, chapter 3), then the true Jaccard of what met in a band.

Knows texts only, not who wrote them or whether a copy is a fault. Time and memory grow with the number of texts.

Legend: N texts, S members of all sets together, P pairs, H hashes of a signature.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
import regex

NO_GROUP = -1
SHINGLE = 5
"""Characters of a shingle: what stands together in five letters or signs, in Chinese as in English."""
SILENT = regex.compile(r"[^\p{L}\p{M}\p{N}\p{Emoji_Presentation}]+")
ROWS_PER_BAND = 4
POWERS = np.cumprod(np.full(SHINGLE, 0x9E3779B97F4A7C15, np.uint64))
PAIRS_AT_ONCE = 1 << 17


@dataclass(frozen=True)
class Sets:
    """N sets of numbers: set n is `members[ptr[n]:ptr[n + 1]]`, each number once."""

    members: np.ndarray  # uint32 (S,)
    ptr: np.ndarray  # int64 (N + 1,)

    @classmethod
    def of(cls, sets: list[np.ndarray]) -> "Sets":
        """From one array of distinct numbers per set."""
        members = np.concatenate(sets) if sets else np.zeros(0, np.uint32)
        return cls(members.astype(np.uint32), np.cumsum([0, *map(len, sets)]))


def near_duplicates(texts: pl.Series, similarity: float = 0.7) -> np.ndarray:
    """Group numbers, int64 (N,): texts of one group are linked by a Jaccard of their 5-letter shingles >= `similarity`.

    Case, blanks and punctuation do not count. Texts without a letter, and null, are in no group (-1); a text like no other
    is a group of its own. A pair just above `similarity` is missed in about 1 of 100 cases.

    >>> near_duplicates(pl.Series(["很好看的一本书，推荐", "很好看的一本书 推荐!", "不好", None])).tolist()
    [0, 0, 1, -1]
    """
    return _numbered(texts, [shingles(text or "") for text in texts], similarity, num_bands=16)


def same_words(words: pl.Series, similarity: float = 0.5) -> np.ndarray:
    """As `near_duplicates`, for lists of words (List(String)) in whatever order and number: rewording by shuffling.

    >>> same_words(pl.Series([["fast", "good", "shop"], ["shop", "good", "fast"], []])).tolist()
    [0, 0, -1]
    """
    hashes = words.list.eval(pl.element().str.to_lowercase().hash(seed=0)).list.unique()
    sets = [np.unique(np.asarray(row or [], np.uint64).astype(np.uint32)) for row in hashes.to_list()]
    return _numbered(words, sets, similarity, num_bands=32)


def shingles(text: str) -> np.ndarray:
    """Hashes of all five letters in a row, uint32, each once; a shorter text is one shingle, one without letters has none."""
    letters = np.frombuffer(SILENT.sub("", text.casefold()).encode("utf-32-le"), np.uint32).astype(np.uint64)
    if not len(letters):
        return np.zeros(0, np.uint32)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(letters, (0, max(0, SHINGLE - len(letters)))), SHINGLE)
    return np.unique(((windows * POWERS).sum(axis=1) >> np.uint64(32)).astype(np.uint32))


def _numbered(column: pl.Series, sets: list[np.ndarray], similarity: float, num_bands: int) -> np.ndarray:
    """Groups of the sets that are not empty, numbered by their first text."""
    groups = np.full(len(column), NO_GROUP, np.int64)
    some = np.array([len(members) > 0 for members in sets], bool)
    if some.any():
        groups[some] = _groups(Sets.of([members for members in sets if len(members)]), similarity, num_bands)
    return groups


def _groups(sets: Sets, similarity: float, num_bands: int) -> np.ndarray:
    from scipy.sparse import csr_array  # type: ignore[import-untyped]
    from scipy.sparse.csgraph import connected_components  # type: ignore[import-untyped]

    num_sets = len(sets.ptr) - 1
    pairs = _candidates(_signatures(sets, num_bands * ROWS_PER_BAND))
    pairs = pairs[_jaccard(sets, pairs) >= similarity]
    links = csr_array((np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), shape=(num_sets, num_sets))
    _, labels = connected_components(links, directed=False)
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse]


def _signatures(sets: Sets, num_hashes: int) -> np.ndarray:
    """MinHash signatures, uint32 (N, H), of sets of which none is empty."""
    rng = np.random.default_rng(0)
    factors, shifts = (rng.integers(0, 1 << 32, num_hashes, dtype=np.uint32) for _ in range(2))
    mixed = _mix(sets.members)
    found = np.empty((len(sets.ptr) - 1, num_hashes), np.uint32)
    for column, (factor, shift) in enumerate(zip(factors | np.uint32(1), shifts, strict=True)):
        found[:, column] = np.minimum.reduceat(mixed * factor + shift, sets.ptr[:-1])
    return found


def _mix(values: np.ndarray) -> np.ndarray:
    """The finalizer of MurmurHash3: neighbouring numbers end up far apart."""
    values = (values ^ (values >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    values = (values ^ (values >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return values ^ (values >> np.uint32(16))


def _candidates(signatures: np.ndarray) -> np.ndarray:
    """Pairs, int64 (P, 2), that agree in a band: each with the first and the one before it of its bucket.

    So a bucket of a thousand copies gives two thousand pairs, not half a million.
    """
    found = []
    for start in range(0, signatures.shape[1], ROWS_PER_BAND):
        band = np.ascontiguousarray(signatures[:, start : start + ROWS_PER_BAND])
        keys = (band.astype(np.uint64) * POWERS[:ROWS_PER_BAND]).sum(axis=1)
        order = np.argsort(keys, kind="stable")
        same = keys[order][1:] == keys[order][:-1]
        heads = np.maximum.accumulate(np.where(np.concatenate([[True], ~same]), np.arange(len(order)), 0))
        at = np.flatnonzero(same) + 1
        found += [np.stack([order[heads[at]], order[at]], 1), np.stack([order[at - 1], order[at]], 1)]
    return np.unique(np.sort(np.concatenate(found), axis=1), axis=0)


def _jaccard(sets: Sets, pairs: np.ndarray) -> np.ndarray:
    """float64 (P,): shared members over all members of each pair of sets."""
    from scipy.sparse import csr_array

    values, columns = np.unique(sets.members, return_inverse=True)
    table = csr_array((np.ones(len(columns), np.int32), columns, sets.ptr), shape=(len(sets.ptr) - 1, len(values)))
    sizes = np.diff(sets.ptr)
    shared = np.empty(len(pairs))
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        left, right = pairs[start : start + PAIRS_AT_ONCE].T
        shared[start : start + PAIRS_AT_ONCE] = table[left].multiply(table[right]).sum(axis=1)
    return shared / (sizes[pairs[:, 0]] + sizes[pairs[:, 1]] - shared)

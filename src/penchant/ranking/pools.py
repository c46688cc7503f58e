"""Few items that stand for a whole catalogue while weights are learned: the best of each source, what came true, and a
sample of the rest, each of which counts for as many as were left out. Knows no source and learns nothing.

The denominator of a softmax is dominated by its largest terms, which are here exactly; the many small ones are estimated
without bias, as in sampled softmax with known chances (Bengio and Senecal 2008). Legend: C people, I items, P items of a pool.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

WIDTH = 2048
"""Catalogues up to this size are taken whole."""


@dataclass(frozen=True, kw_only=True)
class Pool:
    """`columns`: int64 (C, P), items; `stands_for`: float32 (C, P), how many items of the catalogue each counts for, 0 = none;
    `relevant`: bool (C, P), what each person met next."""

    columns: np.ndarray
    stands_for: np.ndarray
    relevant: np.ndarray

    def of(self, scores: np.ndarray) -> np.ndarray:
        """Scores of the catalogue (C, I) at the items of the pool, (C, P)."""
        return np.take_along_axis(scores, self.columns, axis=1)


def make_pool(
    scores: Collection[np.ndarray],
    seen: np.ndarray,
    relevant: np.ndarray,
    rng: np.random.Generator,
    width: int = WIDTH,
) -> Pool:
    """scores: of each source, float (C, I); seen, relevant: bool (C, I).

    width: P, half of it for the best of the sources; more where the relevant need it, and all I where there are no more.
    """
    possible = ~seen | relevant
    if relevant.shape[1] <= width:
        columns = np.broadcast_to(np.arange(relevant.shape[1]), relevant.shape)
        return Pool(columns=columns, stands_for=possible.astype(np.float32), relevant=relevant)
    surely, num_best = relevant.copy(), max(1, width // (2 * len(scores)))
    for values in scores:
        best = np.argpartition(np.where(possible, -values, np.inf), num_best - 1, axis=1)[:, :num_best]
        np.put_along_axis(surely, best, True, axis=1)
    surely &= possible
    width = max(width, int(surely.sum(axis=1).max(initial=0)))
    keys = rng.random(
        relevant.shape, np.float32
    )  # below the sampled stand the sure ones, above what cannot be asked for
    keys[surely], keys[~possible] = -1, 2
    columns = np.argpartition(keys, width - 1, axis=1)[:, :width]
    kind = np.take_along_axis(keys, columns, axis=1)
    sampled = (kind >= 0) & (kind < 1)
    share = (possible & ~surely).sum(axis=1) / np.maximum(sampled.sum(axis=1), 1)
    stands_for = np.where(kind < 0, 1, np.where(sampled, share[:, None], 0)).astype(np.float32)
    return Pool(columns=columns, stands_for=stands_for, relevant=np.take_along_axis(relevant, columns, axis=1))


def together(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Parts (C', P') below each other, the narrower filled with 0."""
    width = max(part.shape[1] for part in parts)
    return np.concatenate([np.pad(part, ((0, 0), (0, width - part.shape[1]))) for part in parts])

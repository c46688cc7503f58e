"""Who may be drawn at all: the first so many candidates, and fresh ones wherever they stand. It knows no policy.

Legend: B people, C candidates, N of them that may be drawn, I items.
"""

import numpy as np

from penchant.records.ranked import Ranked


def among(given: Ranked, num_best: int, fresh: np.ndarray | None) -> Ranked:
    """The candidates that may be drawn (B, N), in the given order; -1 and -inf fill lists that are shorter than others.

    given: (B, C), best first. fresh: bool (I,), what may be drawn wherever it stands; None: nothing.

    >>> best = Ranked(np.array([[4, 3, 2, 1]]), np.array([[4.0, 3.0, 2.0, 1.0]]))
    >>> among(best, 2, np.array([0, 1, 0, 0, 0], bool)).item_rows.tolist()
    [[4, 3, 1]]
    """
    there = (given.item_rows >= 0) & np.isfinite(given.scores)
    kept = there & (there.cumsum(axis=1) <= num_best)
    if fresh is not None:
        kept |= there & fresh[np.maximum(given.item_rows, 0)]
    order = np.argsort(~kept, axis=1, kind="stable")[:, : int(kept.sum(axis=1).max(initial=0))]
    kept, rows, scores = (np.take_along_axis(values, order, 1) for values in (kept, given.item_rows, given.scores))
    return Ranked(np.where(kept, rows, -1).astype(np.int32), np.where(kept, scores, -np.inf).astype(np.float32))

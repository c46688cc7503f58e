"""Whether what is asked and answered still looks like what the model was trained on: population stability indices.

    PSI = sum over bins of (now - then) * ln(now / then), with shares of the bins

By the rule of thumb of credit scoring, below 0.1 nothing has changed, above 0.25 much has (Siddiqi 2006). Knows scores and kinds
of events, and nobody's id.
"""

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Self

import numpy as np

from penchant.records.words import KINDS
from penchant.stages.model import Model

NUM_BINS = 10
PLACES = 10
"""Of a list so many places count: further ones have lower scores, whoever asks."""
NUM_PEOPLE = 200
WINDOW = 5000
"""So many of the newest values are compared."""
FEWEST = 200
"""With fewer the index is mostly chance: its expectation without any drift is about (bins - 1) / values."""
CODES = {kind: code for code, kind in enumerate(KINDS)}
OTHER = CODES["other"]


def psi(then: np.ndarray, now: np.ndarray) -> float:
    """The index of two counts of the same bins, 0 or more; half a case is added to each bin, so none is empty.

    >>> psi(np.array([50, 50]), np.array([50, 50]))
    0.0
    >>> round(psi(np.array([99.5, 99.5]), np.array([149.5, 49.5])), 4)  # (3/4 - 1/2) ln(3/2) + (1/4 - 1/2) ln(1/2)
    0.2747
    """
    p, q = ((counts + 0.5) / (counts + 0.5).sum() for counts in (then, now))
    return float(((q - p) * np.log(q / p)).sum())


@dataclass(frozen=True, kw_only=True)
class Reference:
    """`edges`: between the bins of scores, float64 (NUM_BINS - 1,); counts of scores by bin and of events by kind."""

    edges: np.ndarray
    scores: np.ndarray
    kinds: np.ndarray

    @classmethod
    def of(cls, model: Model, seed: int = 0) -> Self:
        """Scores of the lists of some known people, drawn with the seed, and all the events that the model knows.

        model: one that answers in records.
        """
        known = list(model.user_ids)
        drawn = np.random.default_rng(seed).permutation(len(known))[:NUM_PEOPLE]
        rows = model.recommend([known[place] for place in drawn] or [""], k=PLACES)
        scores = np.array([row["score"] for row in rows])
        edges = np.quantile(scores, np.arange(1, NUM_BINS) / NUM_BINS) if len(scores) else np.zeros(NUM_BINS - 1)
        return cls(edges=edges, scores=binned(scores, edges), kinds=by_kind(codes(model.events["kind"].to_list())))


class Drift:
    """The newest scores and kinds, and what they are compared with. Threads may share it."""

    def __init__(self) -> None:
        self._scores: deque[float] = deque(maxlen=WINDOW)
        self._kinds: deque[int] = deque(maxlen=WINDOW)
        self._answering: object = None
        self._reference: Reference | None = None
        self._lock = threading.Lock()

    def answered(self, scores: Iterable[float]) -> None:
        """The scores of one list, best first."""
        with self._lock:
            self._scores.extend(islice(scores, PLACES))

    def happened(self, kinds: Iterable[int]) -> None:
        """The codes of the kinds of events that were taken."""
        with self._lock:
            self._kinds.extend(kinds)

    def look_at(self, answering: object, model: Model) -> bool:
        """Takes what the model says as the reference, unless it did. True if another one answered before.

        answering: what the model is told from others by.
        """
        if answering == self._answering:
            return False
        reference = Reference.of(model)
        with self._lock:
            changed = self._answering is not None
            if changed:
                self._scores.clear()
                self._kinds.clear()
            self._answering, self._reference = answering, reference
        return changed

    def told(self) -> dict[str, float]:
        """The indices of `score` and of `kind`, as far as there is enough to compare."""
        with self._lock:
            scores, kinds, then = np.array(self._scores, float), list(self._kinds), self._reference
        told = {}
        if then is not None and len(scores) >= FEWEST:
            told["score"] = psi(then.scores, binned(scores, then.edges))
        if then is not None and len(kinds) >= FEWEST:
            told["kind"] = psi(then.kinds, by_kind(kinds))
        return told


def binned(scores: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """How many scores lie in each bin, (NUM_BINS,)."""
    return np.bincount(np.searchsorted(edges, scores), minlength=NUM_BINS)


def codes(kinds: Iterable[str | None]) -> list[int]:
    """Kinds by their place in `KINDS`; what has no name of its own is "other"."""
    return [CODES.get(kind or "", OTHER) for kind in kinds]


def by_kind(kinds: list[int]) -> np.ndarray:
    """How many events are of each kind, (len(KINDS),)."""
    return np.bincount(np.array(kinds, int), minlength=len(KINDS))

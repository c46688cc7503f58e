"""The learning rate over a run, as a share of its highest. Pure functions of what a checkpoint holds, so resuming is exact.

Knows no optimiser. `done` is the share of the run that is over, 0 to below 1; warming up is linear unless said otherwise.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace

LOWEST = 0.02
"""Where warming up begins, and where a cosine ends."""


@dataclass(frozen=True, kw_only=True)
class Schedule(ABC):
    """`warm_up`: share of the run, 0 to below 1, in which the rate rises."""

    warm_up: float = 0.05

    def share(self, done: float, scores: Sequence[float | None] = ()) -> float:
        """Of the learning rate, above 0, at most 1. scores: the objective after each past epoch, None without validation."""
        if done < self.warm_up:
            return self.rise(done / self.warm_up)
        return self.fall((done - self.warm_up) / max(1e-9, 1 - self.warm_up), scores)

    def knowing(self, scores: Sequence[float | None]) -> "Schedule":
        """For a training without validation that repeats one with these scores; most schedules don't look at any."""
        return self

    def rise(self, done: float) -> float:
        """After a share `done` of warming up."""
        return max(done, LOWEST)

    @abstractmethod
    def fall(self, done: float, scores: Sequence[float | None]) -> float:
        """After a share `done` of what follows."""


class Constant(Schedule):
    """Stays at the top.

    >>> Constant().share(0.0), Constant().share(0.9)
    (0.02, 1.0)
    """

    def fall(self, done: float, scores: Sequence[float | None]) -> float:
        return 1.0


class Cosine(Schedule):
    """Half a cosine down to 2%. The default.

    >>> Cosine().share(0.05), Cosine(warm_up=0.0).share(0.5)
    (1.0, 0.51)
    """

    def fall(self, done: float, scores: Sequence[float | None]) -> float:
        return LOWEST + (1 - LOWEST) * 0.5 * (1 + math.cos(math.pi * done))


@dataclass(frozen=True, kw_only=True)
class OneCycle(Schedule):
    """From a 25th up along a cosine for three tenths of the run, then down to a 250,000th (Smith and Topin, 2018).

    Those are the numbers of torch's OneCycleLR. Momentum does not move.

    >>> round(OneCycle().share(0.0), 9), OneCycle().share(0.3)
    (0.04, 1.0)
    """

    warm_up: float = 0.3

    def rise(self, done: float) -> float:
        return _between(1 / 25, 1.0, done)

    def fall(self, done: float, scores: Sequence[float | None]) -> float:
        return _between(1.0, 1 / 250_000, done)


@dataclass(frozen=True, kw_only=True)
class Plateau(Schedule):
    """Halves whenever `patience` epochs have brought no better score, which are then counted anew.

    known: scores of an earlier training, whose halvings are repeated epoch by epoch where there is no validation.

    >>> [Plateau().share(0.5, scores) for scores in ([], [3, 2], [3, 2, 2], [3, 2, 2, 1, 4], [3, 2, 2, 1, 1])]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    patience: int = 2
    known: tuple[float | None, ...] = ()

    def knowing(self, scores: Sequence[float | None]) -> Schedule:
        return replace(self, known=tuple(scores))

    def fall(self, done: float, scores: Sequence[float | None]) -> float:
        share, best, waited = 1.0, -math.inf, 0
        for epoch, own in enumerate(scores):
            score = self.known[epoch] if own is None and epoch < len(self.known) else own
            waited = 0 if score is None or score > best else waited + 1
            best = best if score is None else max(best, score)
            if waited == self.patience:
                share, waited = share / 2, 0
        return share


@dataclass(frozen=True, kw_only=True)
class WarmRestarts(Schedule):
    """Cosines one after the other, each twice as long as the one before (SGDR, Loshchilov and Hutter, ICLR 2017).

    >>> [round(WarmRestarts(warm_up=0.0).share(place / 7), 2) for place in (0, 0.5, 1, 2, 3, 5)]
    [1.0, 0.51, 1.0, 0.51, 1.0, 0.51]
    """

    cycles: int = 3

    def fall(self, done: float, scores: Sequence[float | None]) -> float:
        place = min(done, 1 - 1e-12) * (2**self.cycles - 1)
        cycle = math.floor(math.log2(place + 1))
        return Cosine(warm_up=0.0).fall((place - (2**cycle - 1)) / 2**cycle, scores)


def _between(first: float, last: float, done: float) -> float:
    """Along half a cosine."""
    return last + (first - last) * 0.5 * (1 + math.cos(math.pi * done))

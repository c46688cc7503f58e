"""What is believed of linear weights after each reward: a Gaussian, updated by one rank (Sherman & Morrison 1950).

reward = features . weights + noise, weights ~ N(prior mean, prior_scale^2 I). With `forgetting` below 1 each event first makes
the past count less. Forgetting alone would let doubt grow without end where nothing is learned, so each event also reminds
one weight, each in turn, of the prior: doubt never exceeds the prior's by more than one round of forgetting.
It knows neither people nor items. Threads may share it: each event is learned whole before anybody draws.
Legend: D features, S draws.
"""

import math
import threading
from dataclasses import dataclass, field

import numpy as np

from penchant.records.errors import DataError
from penchant.records.ranges import Range, check_fields

RANGES = {"prior_scale": Range(above=0), "noise": Range(above=0), "forgetting": Range(above=0, most=1)}


@dataclass(frozen=True, kw_only=True)
class Prior:
    """`prior_scale`: deviation of a weight before the first event; `noise`: deviation of a reward; both in units of the
    reward. `forgetting`: how much of the past stays at each event, 1 = all; .99 remembers about 100 events."""

    prior_scale: float = 0.3
    noise: float = 0.5
    forgetting: float = 1.0

    def __post_init__(self) -> None:
        check_fields(self, RANGES)


@dataclass(kw_only=True)
class Posterior:
    """`mean` (D,) and `covariance` (D, D), float64; both change in place with every event."""

    prior: Prior
    prior_mean: np.ndarray  # float64 (D,)
    mean: np.ndarray
    covariance: np.ndarray
    num_events: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False, compare=False)

    @classmethod
    def start(cls, prior_mean: np.ndarray, prior: Prior) -> "Posterior":
        """Nothing learned yet.

        >>> Posterior.start(np.zeros(2), Prior(prior_scale=2)).covariance.tolist()
        [[4.0, 0.0], [0.0, 4.0]]
        """
        believed = prior_mean.astype(np.float64)
        spread = np.eye(len(believed)) * prior.prior_scale**2
        return cls(prior=prior, prior_mean=believed, mean=believed.copy(), covariance=spread)

    def learn(self, features: np.ndarray, reward: float) -> None:
        """One event: features (D,) of what was shown, as they were then, and what came of it.

        Without forgetting the order of events does not matter, so a reward may come late.

        Raises: DataError for a reward or features that are not finite; nothing is learned then.
        """
        if features.shape != self.mean.shape or not math.isfinite(reward + float(features @ features)):
            raise DataError(
                f"An event needs {len(self.mean)} finite features and a finite reward, but has {features.shape} features "
                f"and the reward {reward}. Leave events without a reward out."
            )
        with self.lock:
            if self.prior.forgetting < 1:
                self._forget()
            self._see(features, self.covariance @ features, reward, self.prior.noise**2)
            self.num_events += 1

    def seen(self) -> tuple[np.ndarray, np.ndarray, int]:
        """Copies of mean and covariance, and the number of events, of one moment."""
        with self.lock:
            return self.mean.copy(), self.covariance.copy(), self.num_events

    def draw(self, num_draws: int, rng: np.random.Generator, scale: float = 1.0) -> np.ndarray:
        """Weights as they may be, float64 (S, D). scale: deviations are taken so many times; 0: the mean alone."""
        mean, covariance, _ = self.seen()
        root = np.linalg.cholesky(covariance)
        return mean + scale * rng.standard_normal((num_draws, len(mean))) @ root.T

    def chance_above(self, first: np.ndarray, second: np.ndarray) -> float:
        """How likely the first features (D,) earn more than the second; a half if they are the same.

        >>> Posterior.start(np.array([1.0, 0.0]), Prior(prior_scale=0.5)).chance_above(
        ...     np.array([0, 1]), np.array([0, 0])
        ... )
        0.5
        """
        apart = np.asarray(first - second, np.float64)
        believed, covariance, _ = self.seen()
        mean, variance = float(apart @ believed), float(apart @ covariance @ apart)
        return 0.5 * (1 + math.erf(mean / math.sqrt(2 * variance))) if variance > 0 else 0.5

    def _see(self, features: np.ndarray, gain: np.ndarray, value: float, variance: float) -> None:
        """`gain`: covariance @ features."""
        spread = variance + float(features @ gain)
        self.mean += gain * ((value - float(features @ self.mean)) / spread)
        gain = gain / math.sqrt(spread)
        self.covariance -= gain[:, None] * gain  # the same factors on both sides of the diagonal: it stays symmetric

    def _forget(self) -> None:
        kept, size = self.prior.forgetting, len(self.mean)
        self.covariance /= kept
        place = self.num_events % size
        reminded = np.zeros(size)
        reminded[place] = 1.0
        # As much as a round of events takes from the prior's own precision, so that it is whole again after each round.
        variance = self.prior.prior_scale**2 / (1 - kept**size)
        self._see(reminded, self.covariance[:, place].copy(), float(self.prior_mean[place]), variance)

"""A log of what was shown, with the chance that it was shown, and how much each event weighs for another policy.

It knows no policy: probabilities come from whoever has it, for the very moments of the log.
Legend: N events, A actions (candidates of the moment: a column may be another item in every row).
"""

from dataclasses import dataclass

import numpy as np

from penchant.records.errors import DataError

_ROUNDING = 1e-4  # float32 probabilities of many actions add up to 1 only about


@dataclass(frozen=True, kw_only=True)
class Log:
    """Parallel arrays of N events: somebody was shown one action, and this is what came of it.

    Raises: DataError where lengths differ, nothing is in it, a reward is not finite, or a propensity is not within 0..1
    without the 0.
    """

    user_rows: np.ndarray  # int (N,), the person; events of one person are resampled together
    actions: np.ndarray  # int (N,), column of the action among the A that could be shown
    rewards: np.ndarray  # float (N,), any unit
    propensities: np.ndarray  # float (N,) in (0, 1], of the action that was shown

    def __post_init__(self) -> None:
        lengths = {name: len(getattr(self, name)) for name in ("user_rows", "actions", "rewards", "propensities")}
        if len(set(lengths.values())) > 1 or not len(self.rewards):
            raise DataError(f"A log needs as many of each, and at least one, but it has {lengths}. Leave no row out.")
        if not np.isfinite(self.rewards).all():
            row = int(np.flatnonzero(~np.isfinite(self.rewards))[0])
            raise DataError(
                f"A reward is a finite number, but event {row} has {self.rewards[row]}. "
                "Leave events without a reward out, or say what nothing is worth."
            )
        wrong = ~((self.propensities > 0) & (self.propensities <= 1))
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise DataError(
                f"A propensity is above 0 and at most 1, but event {row} has {self.propensities[row]}. "
                "Log the chance of what was shown at the moment it was shown."
            )

    def __len__(self) -> int:
        return len(self.rewards)

    def of_shown(self, values: np.ndarray) -> np.ndarray:
        """The column of each row (N, A) that was shown, float64 (N,)."""
        return values[np.arange(len(self)), self.actions].astype(np.float64)

    def weights(self, target: np.ndarray) -> np.ndarray:
        """How much more often the target policy does what was done, float64 (N,), 0 or more; 1 on average.

        target: its probabilities of every action (N, A), or of the one that was shown (N,).

        Raises: DataError where these are no probabilities of these events.

        >>> who, shown = np.array([0, 1]), np.array([0, 1])
        >>> log = Log(user_rows=who, actions=shown, rewards=np.ones(2), propensities=np.array([0.5, 0.25]))
        >>> log.weights(np.array([[0.75, 0.25], [1.0, 0.0]])).tolist()
        [1.5, 0.0]
        """
        self._check(target)
        return (self.of_shown(target) if target.ndim == 2 else target.astype(np.float64)) / self.propensities

    def _check(self, target: np.ndarray) -> None:
        if target.ndim not in (1, 2) or len(target) != len(self):
            raise DataError(
                f"A policy needs its probabilities for each of the {len(self)} events, (N,) or (N, A), "
                f"but they are {target.shape}. Ask it for the moments of the log."
            )
        if not ((target >= 0) & (target <= 1 + _ROUNDING)).all():
            raise DataError(
                f"Probabilities are within 0..1, but these go from {target.min()} to {target.max()}. "
                "Give probabilities, not scores: a softmax makes some of scores."
            )
        if target.ndim == 2:
            self._check_rows(target)

    def _check_rows(self, target: np.ndarray) -> None:
        if self.actions.min() < 0 or self.actions.max() >= target.shape[1]:
            raise DataError(
                f"Actions are columns 0..{target.shape[1] - 1} of the probabilities, but the log has "
                f"{self.actions.min()}..{self.actions.max()}. Number them as the policy does."
            )
        sums = target.sum(axis=1, dtype=np.float64)
        worst = int(np.abs(sums - 1).argmax())
        if abs(sums[worst] - 1) > _ROUNDING:
            raise DataError(
                f"Probabilities of all actions add up to 1, but those of event {worst} add up to {sums[worst]:.6g}. "
                "Divide by their sum, or give those of the shown actions alone, as (N,)."
            )

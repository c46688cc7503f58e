"""The value of another policy of lists, position by position.

Position 1 is a log of single actions, and needs no further assumption. Further down, and for the sum, it is assumed that what
a position earns depends on the person, the item and the position, and on none of the other items: the item-position model of
Li et al. (2018). Then the weight of a position is the chance of its item there, not of the whole list, which would vanish. People
who stop at the first good item break the assumption; the estimate of position 1 holds all the same.
Legend: N lists, K positions, R resamples.
"""

from dataclasses import dataclass

import numpy as np

from penchant.evaluation.off_policy.estimate import Estimate, Estimates, summary, weighted_values
from penchant.evaluation.off_policy.log import Log
from penchant.evaluation.off_policy.trust import require, trust
from penchant.records.errors import DataError


@dataclass(frozen=True, kw_only=True)
class SlateEstimates:
    """`positions`: each on its own, best first; `total`: reward of the whole list, by estimator."""

    positions: tuple[Estimates, ...]
    total: dict[str, Estimate]


def estimate_slates(
    user_rows: np.ndarray,
    rewards: np.ndarray,
    propensities: np.ndarray,
    target: np.ndarray,
    *,
    num_positions: int | None = None,
    clip: float | None = None,
    num_resamples: int = 2000,
    seed: int = 0,
    confidence: float = 0.95,
) -> SlateEstimates:
    """What the target policy would have earned per list.

    user_rows: int (N,); rewards, propensities: (N, K), of the item that was shown at each position.
    target: the target policy's chance to show that item at that position, (N, K).
    num_positions: only the first so many; None: all.

    Raises: DataError where the arrays don't fit each other; SupportError where the log can't tell, with the position.
    """
    if not rewards.shape == propensities.shape == target.shape or rewards.ndim != 2:
        raise DataError(
            f"Rewards, propensities and target probabilities are (N, K), but they are {rewards.shape}, "
            f"{propensities.shape} and {target.shape}. Give one of each for every position."
        )
    if num_positions is not None and not 1 <= num_positions <= rewards.shape[1]:
        raise DataError(f"Lists have positions 1..{rewards.shape[1]}, but `num_positions` is {num_positions}.")
    positions, values = [], []
    for place in range(num_positions or rewards.shape[1]):
        log = Log(
            user_rows=user_rows,
            actions=np.zeros(len(user_rows), np.int64),
            rewards=rewards[:, place],
            propensities=propensities[:, place],
        )
        weights = log.weights(target[:, place])
        found = trust(weights, user_rows)
        require(found, f" at position {place + 1}")
        values.append(weighted_values(log, weights, clip, num_resamples, seed))
        positions.append(Estimates(rows=summary(values[-1], confidence), trust=found))
    # One seed drew the same people for every position, so that the sum of the resampled is the resampled sum.
    total = {name: np.sum([of_place[name] for of_place in values], axis=0) for name in values[0]}
    return SlateEstimates(positions=tuple(positions), total=summary(total, confidence))

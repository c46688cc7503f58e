"""What learning together gained a task against its twin, which learned it alone: differences, verdicts, advice.

Pure functions of scores and predictions; they know no network. A difference is positive where the joint network is better,
whatever the metric. People are the unit of an interval, seeds that of training: a verdict needs both.
Legend: S seeds, C cases, N labelled rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from penchant.evaluation.significance import Statistic, bootstrap_interval, clustered_values, percentiles
from penchant.records.errors import DataError

HELPS, NEUTRAL, HURTS = VERDICTS = ("helps", "neutral", "hurts")
OPPOSED = -0.05
"""Gradients oppose each other where their mean cosine is below this."""
FEW_LABELS = 1000
SIGNS = {"min": -1.0, "max": 1.0}


@dataclass(frozen=True, kw_only=True)
class Gain:
    """Means over seeds of both sides' metric; joint minus twin, turned so that higher is better, with its interval over
    people, and the same for each seed."""

    joint: float
    twin: float
    value: float
    low: float
    high: float
    by_seed: tuple[float, ...]

    @property
    def verdict(self) -> str:
        return verdict(self.low, self.high, self.by_seed)


def verdict(low: float, high: float, by_seed: Sequence[float]) -> str:
    """Helps where the interval lies above 0 and every seed agrees; hurts where both lie below.

    >>> verdict(0.01, 0.03, [0.01, 0.03]), verdict(0.01, 0.03, [-0.01, 0.05]), verdict(-0.03, -0.01, [-0.02])
    ('helps', 'neutral', 'hurts')
    """
    if low > 0 and min(by_seed) > 0:
        return HELPS
    return HURTS if high < 0 and max(by_seed) < 0 else NEUTRAL


def gain_by_case(joint_SC: np.ndarray, twin_SC: np.ndarray) -> Gain:
    """Of one value per case and seed, such as NDCG; higher is better.

    >>> gain_by_case(np.array([[0.5, 0.75]]), np.array([[0.25, 0.5]]))
    Gain(joint=0.625, twin=0.375, value=0.25, low=0.25, high=0.25, by_seed=(0.25,))

    Raises: DataError without a case, or unless both are of the same cases and seeds.
    """
    _check_shapes(joint_SC, twin_SC)
    differences = joint_SC - twin_SC
    low, high = bootstrap_interval(differences.mean(axis=0))
    by_seed = tuple(differences.mean(axis=1).tolist())
    return Gain(
        joint=float(joint_SC.mean()),
        twin=float(twin_SC.mean()),
        value=float(differences.mean()),
        low=low,
        high=high,
        by_seed=by_seed,
    )


def gain_by_label(
    statistic: Statistic,
    direction: str,
    labels: np.ndarray,
    joint: np.ndarray,
    twin: np.ndarray,
    user_rows: np.ndarray,
    num_resamples: int = 300,
) -> Gain | None:
    """Of a metric of all predictions at once. labels (N,) or (N, T), predictions with an axis of seeds before, users (N,).

    None where the metric is not defined on these labels. Raises: DataError unless both sides predict the same rows.
    """
    _check_shapes(joint, twin)
    once = np.ones(len(labels))
    sides = [[statistic(labels, values, once) for values in side] for side in (joint, twin)]
    if not len(labels) or any(value is None for side in sides for value in side):
        return None
    ours, theirs = np.array(sides, float)
    drawn = [
        np.stack([clustered_values(statistic, labels, values, user_rows, num_resamples) for values in side])
        for side in (joint, twin)
    ]
    sign = SIGNS[direction]
    changes = (drawn[0] - drawn[1]).mean(axis=0)
    low, high = percentiles(sign * changes[~np.isnan(changes)])
    by_seed = sign * (ours - theirs)
    return Gain(
        joint=float(ours.mean()),
        twin=float(theirs.mean()),
        value=float(by_seed.mean()),
        low=low,
        high=high,
        by_seed=tuple(by_seed.tolist()),
    )


def relative(gain: Gain) -> float | None:
    """The difference as a share of the twin's metric; None where that is 0."""
    return gain.value / abs(gain.twin) if gain.twin else None


def delta_m(gains: Sequence[Gain]) -> float | None:
    """Mean relative gain over the tasks, one metric of each (Maninis et al., CVPR 2019); None without any.

    >>> half, fifth = ({"low": 0, "high": 0, "by_seed": (), "joint": 0, "value": value} for value in (0.25, -0.1))
    >>> round(delta_m([Gain(twin=0.5, **half), Gain(twin=0.5, **fifth)]), 6)
    0.15
    """
    shares = [share for gain in gains if (share := relative(gain)) is not None]
    return sum(shares) / len(shares) if shares else None


def advice(verdict: str, task: str, cosines: Mapping[str, float], num_labels: int) -> str:
    """What to do, in words. cosines: mean cosine of the task's gradients to those of each other task.

    >>> advice("hurts", "like", {"rating": 0.2, "tags": -0.25}, 9000)
    'Its gradients oppose those of tags (mean cosine -0.25): lower the weight of tags, or ungroup the two.'
    """
    if verdict == HELPS:
        return "Keep it."
    if verdict == NEUTRAL:
        return "Nothing is shown either way: one network does the work of several. Keep it, or leave it out to learn faster."
    other = min(cosines, key=lambda name: cosines[name], default=None)
    if other is not None and cosines[other] < OPPOSED:
        told = f"(mean cosine {cosines[other]:+.2f})"
        return f"Its gradients oppose those of {other} {told}: lower the weight of {other}, or ungroup the two."
    if num_labels < FEW_LABELS:
        return f"It has few labels ({num_labels}), which the others drown: drop it from this network."
    return f"No gradient opposes it: reweight, with a higher weight of {task} or a share of it in the objective."


def _check_shapes(joint: np.ndarray, twin: np.ndarray) -> None:
    if joint.shape != twin.shape:
        raise DataError(
            f"Twins answer the same questions, but there are {joint.shape} and {twin.shape}. Ask both the same rows."
        )

"""The value of a policy that did not write the log: six estimators beside the log's own mean, with intervals by people.

    IPS          mean of w r                               unbiased; noisy (Horvitz & Thompson 1952)
    clipped IPS  mean of min(w, c) r                       a little low where rewards are 0 or more (Ionides 2008)
    SNIPS        sum of w r / sum of w                     indifferent to an added constant (Swaminathan & Joachims 2015)
    direct       mean of what a model expects              no weights, so as wrong as the model is
    DR           direct + mean of w (r - q)                unbiased if propensities or model are right (Dudik et al. 2011)
    SNDR         direct + sum of w (r - q) / sum of w      as DR, with the calm of SNIPS
with w = target probability / propensity, r = reward, q = the model's expectation of the action that was shown.
All are ratios of sums over people, so that an interval costs no second look at the events.
Legend: N events, A actions, R resamples.
"""

from dataclasses import dataclass

import numpy as np

from penchant.evaluation.off_policy.log import Log
from penchant.evaluation.off_policy.people import resampled, sums_by_person
from penchant.evaluation.off_policy.trust import Trust, require, trust
from penchant.evaluation.significance import Difference, percentiles
from penchant.records.errors import DataError


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Reward per event under the policy, its interval, and the difference to what the log itself earned."""

    value: float
    low: float
    high: float
    gain: Difference


@dataclass(frozen=True, kw_only=True)
class Estimates:
    """`rows` by estimator: logged, ips, clipped ips, snips; with a model also direct, dr, sndr."""

    rows: dict[str, Estimate]
    trust: Trust

    def __str__(self) -> str:
        lines = [f"{'':12} {'value':>9} {'[low,':>10} {'high]':>10} {'gain':>10} {'[low,':>10} {'high]':>10}"]
        for name, row in self.rows.items():
            gain = row.gain
            cells = (row.low, row.high, gain.value, gain.low, gain.high)
            lines.append(f"{name:12} {row.value:9.4f} " + " ".join(f"{cell:10.4f}" for cell in cells))
        found = self.trust
        lines.append(
            f"{found.num_events} events of {found.num_people} people that amount to {found.effective_people:.0f}; "
            f"the largest share is {found.largest_share:.1%}, the mean weight {found.mean_weight:.3f}"
        )
        return "\n".join(lines)


def estimate(
    log: Log,
    target: np.ndarray,
    predicted: np.ndarray | None = None,
    *,
    clip: float | None = None,
    num_resamples: int = 2000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Estimates:
    """What the target policy would have earned per event.

    target: its probabilities (N, A), or of the shown actions alone (N,), which is enough without `predicted`.
    predicted: what a model expects of every action, (N, A), in units of the reward. The model must not have been fitted on
    these events: fit it on other people, or on each half of the people for the other half.
    clip: largest weight of clipped IPS; None: the mean weight times the root of N.

    Raises: DataError where the arrays don't fit each other; SupportError where the log can't tell (see `trust`).
    """
    weights = log.weights(target)
    found = trust(weights, log.user_rows)
    require(found)
    values = weighted_values(log, weights, clip, num_resamples, seed)
    if predicted is not None:
        values |= _modelled_values(log, weights, target, predicted, num_resamples, seed)
    return Estimates(rows=summary(values, confidence), trust=found)


def summary(values: dict[str, np.ndarray], confidence: float) -> dict[str, Estimate]:
    """Values (1 + R,), the first of the log as it is, the others of its resamples, "logged" among them."""
    return {name: _summed_up(drawn, drawn - values["logged"], confidence) for name, drawn in values.items()}


def weighted_values(
    log: Log, weights: np.ndarray, clip: float | None, num_resamples: int, seed: int
) -> dict[str, np.ndarray]:
    """The estimators that need no model, each (1 + R,)."""
    if clip is None:
        clip = float(weights.mean()) * len(log) ** 0.5
    if clip <= 0:
        raise DataError(f"Weights are clipped at a number above 0, but `clip` is {clip}. None chooses one.")
    rewards = log.rewards.astype(np.float64)
    terms = (np.ones(len(log)), weights, rewards, weights * rewards, np.minimum(weights, clip) * rewards)
    events, weight, reward, weighted, clipped = _totals(log, terms, num_resamples, seed)
    return {
        "logged": reward / events,
        "ips": weighted / events,
        "clipped ips": clipped / events,
        "snips": weighted / weight,
    }


def _modelled_values(
    log: Log, weights: np.ndarray, target: np.ndarray, predicted: np.ndarray, num_resamples: int, seed: int
) -> dict[str, np.ndarray]:
    """The estimators that lean on a model, each (1 + R,)."""
    if target.shape != predicted.shape or predicted.ndim != 2 or not np.isfinite(predicted).all():
        raise DataError(
            f"A model has to expect a finite reward of every action that the policy has a probability for, (N, A), but "
            f"probabilities are {target.shape} and `predicted` is {predicted.shape}, with "
            f"{(~np.isfinite(predicted)).sum()} not finite. Give both for every action, or leave `predicted` out."
        )
    expected = (target.astype(np.float64) * predicted).sum(axis=1)
    error = weights * (log.rewards - log.of_shown(predicted))
    terms = (np.ones(len(log)), weights, expected, error)
    events, weight, expected, errors = _totals(log, terms, num_resamples, seed)
    direct = expected / events
    return {"direct": direct, "dr": direct + errors / events, "sndr": direct + errors / weight}


def _totals(log: Log, terms: tuple[np.ndarray, ...], num_resamples: int, seed: int) -> np.ndarray:
    """Terms of events (N,) added up over people, and over people drawn again, float64 (len(terms), 1 + R)."""
    return resampled(sums_by_person(log.user_rows, np.stack(terms, axis=1)), num_resamples, seed).T


def _summed_up(values: np.ndarray, gains: np.ndarray, confidence: float) -> Estimate:
    low, high = percentiles(values[1:], confidence)
    gain = Difference(float(gains[0]), *percentiles(gains[1:], confidence))
    return Estimate(value=float(values[0]), low=low, high=high, gain=gain)

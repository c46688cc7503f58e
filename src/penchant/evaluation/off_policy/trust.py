"""Whether a log can speak for a policy at all: how many people its weights amount to, and whether they are 1 on average.

Weights of one person are added up first: people are what is drawn again, and whoever acts a thousand times is still one.
For weights of one event each this is the effective sample size of Kish (1965); it is never above that of the events.
"""

from dataclasses import dataclass

import numpy as np

from penchant.evaluation.off_policy.people import sums_by_person
from penchant.records.errors import SupportError

MIN_EFFECTIVE_PEOPLE = 100.0
MAX_SHARE = 0.1
MAX_DEVIATION = 4.5
"""Standard errors that the mean weight may be away from 1; by chance it is in one log of some hundred thousand."""


@dataclass(frozen=True, kw_only=True)
class Trust:
    """What the weights (N,) of a policy are like."""

    num_events: int
    num_people: int
    effective_events: float  # (sum of w)^2 / sum of w^2
    effective_people: float  # likewise, of each person's sum of weights
    largest_share: float  # of all weight, in the hands of one person, 0..1
    mean_weight: float  # 1 where propensities are right and the log shows all that the policy would
    mean_weight_error: float  # standard error, by people


def trust(weights: np.ndarray, user_rows: np.ndarray) -> Trust:
    """Measures of weights (N,), 0 or more, of the people `user_rows` (N,).

    >>> found = trust(np.array([1.0, 1.0, 2.0]), np.array([0, 0, 1]))
    >>> found.effective_people, found.largest_share, round(found.effective_events, 2)
    (2.0, 0.5, 2.67)
    """
    sums = sums_by_person(user_rows, np.stack([weights, np.ones(len(weights))], axis=1))
    held, counts = sums[:, 0], sums[:, 1]
    total, mean = held.sum(), float(weights.mean())
    return Trust(
        num_events=len(weights),
        num_people=len(held),
        effective_events=_effective(weights),
        effective_people=_effective(held),
        largest_share=float(held.max() / total) if total else 1.0,
        mean_weight=mean,
        mean_weight_error=float(np.sqrt(((held - mean * counts) ** 2).sum()) / len(weights)),
    )


def require(found: Trust, where: str = "") -> None:
    """Lets a log pass that can answer. `where`: part of the log, for the message, as " at position 2".

    Raises: SupportError if it amounts to under 100 people, if one person holds over 10% of the weight, or if the mean
    weight is not 1 beyond doubt.
    """
    # A share above 10% means fewer than 100 effective people (1 / .1^2), so this comes first: it says more.
    if found.largest_share > MAX_SHARE:
        raise SupportError(
            f"No person may hold more than {MAX_SHARE:.0%} of the weight, but one holds {found.largest_share:.1%}{where}. "
            "Log more people, or ask about a policy that is nearer to the one that logged."
        )
    if found.effective_people < MIN_EFFECTIVE_PEOPLE:
        raise SupportError(
            f"An estimate needs weights that amount to {MIN_EFFECTIVE_PEOPLE:.0f} people or more, but those of "
            f"{found.num_people} people{where} amount to {found.effective_people:.1f}. "
            "Log more people, explore more, or ask about a policy that is nearer to the one that logged."
        )
    if abs(found.mean_weight - 1) > MAX_DEVIATION * found.mean_weight_error + 1e-3:
        raise SupportError(
            f"Weights are 1 on average where propensities are right, but these are {found.mean_weight:.3f} "
            f"+- {found.mean_weight_error:.3f}{where}. Either the log's propensities are not the chances with which things "
            "were shown, or the policy shows what the log never could. Log the propensity at the moment of showing, or "
            "ask about a policy that stays among what is explored."
        )


def _effective(weights: np.ndarray) -> float:
    squares = float(weights @ weights)
    return float(weights.sum()) ** 2 / squares if squares else 0.0

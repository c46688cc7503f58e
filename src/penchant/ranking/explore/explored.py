"""A list with the chance of everything in it: what off-policy evaluation needs to know, later, of the moment of showing."""

from dataclasses import dataclass

import numpy as np

from penchant.records.ranked import Ranked


@dataclass(frozen=True, kw_only=True)
class Explored:
    """`propensities`: float64 (B, k), of this item at this position, in (0, 1], NaN where a list has ended; exact for the
    policy that was run. `errors`: how far off they may be, one standard error, where the policy draws to come near another.
    `features`: what a policy that learns has to be told again when it is known what came of it."""

    ranked: Ranked  # (B, k)
    propensities: np.ndarray
    errors: np.ndarray  # float64 (B, k), 0 = exact in every sense
    features: np.ndarray | None = None  # float32 (B, k, D), of no use where a list has ended

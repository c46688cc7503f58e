"""What a pair head says, brought to what happened: one small regression per head, learned on held-out rows.

value = link(c0 + c1 * output + c2 * offset of the item + c3 * offset of the person). A head that learned too much of its
own data is drawn back to the bias model that its offsets make up; one that is too sure of itself is flattened (Platt 1999).
A ridge holds the coefficients at "as it is" (0, 1, 0, 0) where held-out rows are few.
Legend: M pairs, O outputs.
"""

from dataclasses import dataclass, replace

import numpy as np

from penchant.data.normalise import Numbers
from penchant.ranking.links import reduced, sigmoid, valued
from penchant.tasks.task import Link

AS_IT_IS = np.array([0.0, 1.0, 0.0, 0.0])
RIDGE = 3.0
SQUARED: tuple[Link, ...] = ("identity", "ordinal", "number")
"""Links of numbers; the others are of chances."""


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """`coefficients`: (4,) of the constant, the output, the item's offset and the person's; `numbers`: how a value
    becomes the user's own units, None for a chance; `prior`: of a head of many labels, the outputs of its constant
    predictor, which then stand in the place of the item's offset."""

    link: Link
    coefficients: tuple[float, ...]
    numbers: Numbers | None = None
    prior: tuple[float, ...] = ()

    def __call__(self, outputs: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        """float64 (M,), or (M, O) with a prior: the share of the rating scale, a normal number, or chances.

        outputs (M, O), offsets (M, 2).
        """
        reached = reduced(self.link, outputs)
        linear = _features(reached, offsets, self.prior) @ np.array(self.coefficients)
        return valued(self.link, linear.reshape(reached.shape))

    def in_units(self, values: np.ndarray) -> np.ndarray:
        """Values as the user knows them: stars, seconds, chances."""
        return values if self.numbers is None else self.numbers.invert(values)


def fit_calibration(start: Calibration, outputs: np.ndarray, offsets: np.ndarray, labels: np.ndarray) -> Calibration:
    """`start` with the coefficients of the least squared error or cross-entropy. labels: (M,), or (M, O) with a prior."""
    from scipy.optimize import minimize  # type: ignore[import-untyped]

    features = _features(reduced(start.link, outputs), offsets, start.prior)
    labels, squared = labels.ravel(), start.link in SQUARED

    def loss(coefficients: np.ndarray) -> tuple[float, np.ndarray]:
        linear = features @ coefficients
        expected = linear if squared else sigmoid(linear)
        errors = (linear - labels) ** 2 / 2 if squared else np.logaddexp(0, linear) - labels * linear
        drawn = coefficients - AS_IT_IS
        return errors.sum() + RIDGE / 2 * drawn @ drawn, features.T @ (expected - labels) + RIDGE * drawn

    return replace(start, coefficients=tuple(minimize(loss, AS_IT_IS, jac=True, method="BFGS").x.tolist()))


def as_it_is(link: Link, numbers: Numbers | None = None, prior: tuple[float, ...] = ()) -> Calibration:
    """Of a head that nothing is held out for."""
    return Calibration(link=link, coefficients=tuple(AS_IT_IS.tolist()), numbers=numbers, prior=prior)


def _features(numbers: np.ndarray, offsets: np.ndarray, prior: tuple[float, ...]) -> np.ndarray:
    """(M, 4), or (M * O, 4) with a prior."""
    if prior:
        offsets = np.stack([np.tile(prior, len(numbers)), np.zeros(numbers.size)], axis=1)
    return np.column_stack([np.ones(numbers.size), numbers.ravel(), offsets]).astype(np.float64)

"""What a pair head says, brought to what happened: one small regression per head, learned on held-out rows.

value = link(c0 + c1 * output + c2 * offset of the item + c3 * offset of the person + c4 * what the person's ratings of like
items say). A head that learned too much of its own data is drawn back to what needs no network; one that is too sure of
itself is flattened (Platt 1999). Rows of one person that err alike count as few; a ridge, one row strong, holds the
coefficients at "as it is" (0, 1, 0, 0, 0) where held-out rows are few.
Legend: M pairs, O outputs, R = M rows, or M * O with a prior.
"""

from dataclasses import dataclass, replace

import numpy as np

from penchant.data.normalise import Numbers
from penchant.ranking.links import reduced, sigmoid, valued
from penchant.tasks.task import Link

AS_IT_IS = np.array([0.0, 1.0, 0.0, 0.0, 0.0])
RIDGE = 1.0
"""In rows: a coefficient is held as if one more row had said so, where rows spread as they do."""
SPREAD_OF_CONSTANT = LEAST_SPREAD = 0.1
SQUARED: tuple[Link, ...] = ("identity", "ordinal", "number")
"""Links of numbers; the others are of chances."""


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """`coefficients`: (5,) of the constant, the output, and the three offsets; `numbers`: how a value becomes the user's own
    units, None for a chance; `prior`: of a head of several outputs, those of its constant predictor, which stand in the place
    of the item's offset where there is a value for each of them."""

    link: Link
    coefficients: tuple[float, ...]
    numbers: Numbers | None = None
    prior: tuple[float, ...] = ()

    def __call__(self, outputs: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        """float64 (M,), or (M, O) of many labels or classes: the share of the rating scale, a normal number, or chances.

        outputs (M, O), offsets (M, 3).
        """
        reached = reduced(self.link, outputs)
        linear = _features(reached, offsets, self.prior) @ np.array(self.coefficients)
        return valued(self.link, linear.reshape(reached.shape))

    def in_units(self, values: np.ndarray) -> np.ndarray:
        """Values as the user knows them: stars, seconds, chances."""
        return values if self.numbers is None else self.numbers.invert(values)


def fit_calibration(
    start: Calibration, outputs: np.ndarray, offsets: np.ndarray, labels: np.ndarray, owners: np.ndarray
) -> Calibration:
    """`start` with the coefficients of the least squared error or cross-entropy; as it is without rows.

    labels: (M,), or (M, O) of many labels; `owners`: int (M,), the person of each row.
    """
    features, squared = _features(reduced(start.link, outputs), offsets, start.prior), start.link in SQUARED
    if not len(features):
        return start
    num_labels = len(features) // len(owners)
    _, places, counts = np.unique(owners, return_inverse=True, return_counts=True)
    groups, sizes = _per_label(places, num_labels), np.repeat(counts[places], num_labels)
    once = _least(features, labels.ravel(), 1 / sizes, squared)
    expected = features @ once if squared else sigmoid(features @ once)
    alike = _likeness(labels.ravel() - expected, groups)
    found = _least(features, labels.ravel(), 1 / (1 + (sizes - 1) * alike), squared)
    return replace(start, coefficients=tuple(found.tolist()))


def _least(features: np.ndarray, labels: np.ndarray, weights: np.ndarray, squared: bool) -> np.ndarray:
    """The coefficients (5,) of the least weighted error on features (R, 5), labels (R,)."""
    from scipy.optimize import minimize  # type: ignore[import-untyped]

    held = RIDGE * _variances(features, weights)

    def loss(coefficients: np.ndarray) -> tuple[float, np.ndarray]:
        linear = features @ coefficients
        expected = linear if squared else sigmoid(linear)
        errors = (linear - labels) ** 2 / 2 if squared else np.logaddexp(0, linear) - labels * linear
        drawn = coefficients - AS_IT_IS
        return weights @ errors + held @ drawn**2 / 2, features.T @ (weights * (expected - labels)) + held * drawn

    return np.asarray(minimize(loss, AS_IT_IS, jac=True, method="BFGS").x)


def _per_label(places: np.ndarray, num_labels: int) -> np.ndarray:
    """Number of the owner and label of each row, int64 (R,)."""
    return (places[:, None] * num_labels + np.arange(num_labels)).ravel()


def _likeness(errors: np.ndarray, groups: np.ndarray) -> float:
    """The intraclass correlation, 0..1: the mean product of two errors (R,) of one group over the mean square of all."""
    sums, counts = np.bincount(groups, errors), np.bincount(groups)
    pairs, square = (counts * (counts - 1)).sum(), float(errors @ errors)
    if not pairs or not square:
        return 0.0
    return float(np.clip((sums @ sums - square) / pairs * len(errors) / square, 0, 1))


def as_it_is(link: Link, numbers: Numbers | None = None, prior: tuple[float, ...] = ()) -> Calibration:
    """Of a head that nothing is held out for."""
    return Calibration(link=link, coefficients=tuple(AS_IT_IS.tolist()), numbers=numbers, prior=prior)


def _features(numbers: np.ndarray, offsets: np.ndarray, prior: tuple[float, ...]) -> np.ndarray:
    """(M, 5), or (M * O, 5) where each row has O numbers."""
    if numbers.ndim > 1:
        offsets = np.zeros((numbers.size, offsets.shape[1]))
        offsets[:, 0] = np.tile(prior, len(numbers))
    return np.column_stack([np.ones(numbers.size), numbers.ravel(), offsets]).astype(np.float64)


def _variances(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """float64 (5,), of the constant by agreement; offsets that hardly differ don't get a large coefficient for that."""
    mean = weights @ features / weights.sum()
    found = weights @ (features - mean) ** 2 / weights.sum()
    found[0] = SPREAD_OF_CONSTANT**2
    found[2:] = np.maximum(found[2:], LEAST_SPREAD**2)
    return np.asarray(found)

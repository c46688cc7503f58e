"""What a pair head says, brought to what happened: one small regression per head, learned on held-out events.

value = link(c0 + c1 * output + c2 * offset of the item + c3 * offset of the person). A head that learned too much of its
own data is drawn back to the bias model that its offsets make up; one that is too sure of itself is flattened (Platt 1999).
A ridge holds the coefficients at "as it is" (0, 1, 0, 0) where held-out events are few.
Legend: M pairs.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

Link = Literal["identity", "logistic"]
AS_IT_IS = np.array([0.0, 1.0, 0.0, 0.0])
RIDGE = 3.0


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """`coefficients`: (4,) of the constant, the output, the item's offset and the person's."""

    link: Link
    coefficients: tuple[float, ...]

    def __call__(self, outputs: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        """Values 0..1, float64 (M,): the share of the rating scale, or a probability. outputs (M,), offsets (M, 2)."""
        linear = _features(outputs, offsets) @ np.array(self.coefficients)
        return np.clip(linear, 0, 1) if self.link == "identity" else _sigmoid(linear)


def fit_calibration(link: Link, outputs: np.ndarray, offsets: np.ndarray, labels: np.ndarray) -> Calibration:
    """The least squared error or cross-entropy. labels: 0..1, (M,); without any, the head stays as it is."""
    from scipy.optimize import minimize  # type: ignore[import-untyped]

    features = _features(outputs, offsets)

    def loss(coefficients: np.ndarray) -> tuple[float, np.ndarray]:
        linear = features @ coefficients
        expected = linear if link == "identity" else _sigmoid(linear)
        errors = (linear - labels) ** 2 / 2 if link == "identity" else np.logaddexp(0, linear) - labels * linear
        drawn = coefficients - AS_IT_IS
        return errors.sum() + RIDGE / 2 * drawn @ drawn, features.T @ (expected - labels) + RIDGE * drawn

    found = minimize(loss, AS_IT_IS, jac=True, method="BFGS").x
    return Calibration(link=link, coefficients=tuple(found.tolist()))


def _features(outputs: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(outputs)), outputs, offsets]).astype(np.float64)


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return np.asarray(0.5 * (1 + np.tanh(values / 2)))

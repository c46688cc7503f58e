"""Linear heads on fixed features: softmax (one label of C) or sigmoid (each of C labels for itself), with a ridge.

It knows neither texts nor encoders. Legend: N rows, D features, C labels.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

PENALTIES = (1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5)
"""Strengths of the ridge that held-out rows choose from, strongest first."""
TOLERANCE = 1e-7
"""Relative fall of the loss at which a fit ends."""
MAX_SCALE = 20.0

Features = Any
"""float (N, D): a numpy array or a SciPy sparse array."""


@dataclass(frozen=True)
class Link:
    """From logits (N, C) to probabilities of that shape, and to the loss of each row under targets 0..1 (N, C)."""

    probabilities: Callable[[np.ndarray], np.ndarray]
    losses: Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True, kw_only=True)
class LinearHead:
    """`scale` multiplies the logits; it is one over the temperature of Guo et al. (ICML 2017): below 1 the head was too
    sure of itself."""

    link: Link
    weights: np.ndarray  # float32 (D, C)
    bias: np.ndarray  # float32 (C,)
    scale: float = 1.0

    def logits(self, features: Features) -> np.ndarray:
        """float64 (N, C)."""
        return np.asarray(features @ self.weights.astype(np.float64) + self.bias) * self.scale

    def probabilities(self, features: Features) -> np.ndarray:
        """float64 (N, C): rows that add up to 1 (softmax), or each label's own (sigmoid)."""
        return self.link.probabilities(self.logits(features))


def fit_head(
    link: Link,
    features: Features,
    targets: np.ndarray,
    penalty: float,
    row_weights: np.ndarray | None = None,
    start: LinearHead | None = None,
) -> LinearHead:
    """The least mean loss plus `penalty / 2 * |weights|^2`; the bias is free.

    targets: 0..1 (N, C); row_weights: (N,), default once each. Convex, so there is one answer, wherever it starts.
    """
    from scipy.optimize import minimize  # type: ignore[import-untyped]

    shape = (features.shape[1], targets.shape[1])
    weights_N = np.ones(len(targets)) if row_weights is None else row_weights
    weights_N = weights_N / weights_N.sum()

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights, bias = flat[: -shape[1]].reshape(shape), flat[-shape[1] :]
        logits = features @ weights + bias
        errors = weights_N[:, None] * (link.probabilities(logits) - targets)
        gradient = np.concatenate([(features.T @ errors + penalty * weights).ravel(), errors.sum(axis=0)])
        return float(weights_N @ link.losses(logits, targets) + penalty / 2 * np.square(weights).sum()), gradient

    begin = np.zeros((shape[0] + 1, shape[1])) if start is None else np.vstack([start.weights, start.bias])
    options = {"maxiter": 300, "ftol": TOLERANCE}
    found = minimize(loss, begin.ravel().astype(np.float64), jac=True, method="L-BFGS-B", options=options).x
    weights, bias = found[: -shape[1]].reshape(shape), found[-shape[1] :]
    return LinearHead(link=link, weights=weights.astype(np.float32), bias=bias.astype(np.float32))


def choose_head(
    link: Link,
    train: tuple[Features, np.ndarray],
    held_out: tuple[Features, np.ndarray],
    row_weights: tuple[np.ndarray | None, np.ndarray | None] = (None, None),
    penalties: Sequence[float] = PENALTIES,
) -> LinearHead:
    """The penalty and the scale with the least loss on held-out rows.

    `train`, `held_out`: features and targets; `row_weights` of both; `penalties`: strongest first. Each fit starts from
    the one before, and the search ends when a weaker ridge is no better.
    """
    (features, targets), weights = held_out, row_weights[1]
    best, best_loss, head = None, np.inf, None
    for penalty in penalties:
        head = fit_head(link, *train, penalty, row_weights[0], head)
        scale = float(fit_scales(link, [head.logits(features)], targets, weights)[0])
        scaled = replace(head, scale=scale)
        loss = float(np.average(link.losses(scaled.logits(features), targets), weights=weights))
        if best is not None and loss >= best_loss:
            break
        best, best_loss = scaled, loss
    assert best is not None
    return best


def fit_scales(
    link: Link, logits: Sequence[np.ndarray], targets: np.ndarray, row_weights: np.ndarray | None = None
) -> np.ndarray:
    """How much each head may say when their logits (N, C) are added up: float64 (heads,), 0 or more, with the least loss.

    With one head this is temperature scaling; a head that adds nothing to the others gets 0.
    """
    from scipy.optimize import minimize

    def loss(scales: np.ndarray) -> tuple[float, np.ndarray]:
        summed = np.tensordot(scales, np.stack(logits), axes=1)
        errors = link.probabilities(summed) - targets
        slopes = [np.average((errors * given).sum(axis=1), weights=row_weights) for given in logits]
        return float(np.average(link.losses(summed, targets), weights=row_weights)), np.array(slopes)

    start = np.full(len(logits), 1 / len(logits))
    bounds = [(0, MAX_SCALE)] * len(logits)
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x)


def _softmax(logits: np.ndarray) -> np.ndarray:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _softmax_losses(logits: np.ndarray, targets: np.ndarray) -> np.ndarray:
    highest = logits.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(logits - highest).sum(axis=1, keepdims=True)) + highest
    return np.asarray((targets * (log_sums - logits)).sum(axis=1))


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    return np.exp(-np.logaddexp(0, -logits))


def _sigmoid_losses(logits: np.ndarray, targets: np.ndarray) -> np.ndarray:
    return np.asarray((np.logaddexp(0, logits) - targets * logits).sum(axis=1))


SOFTMAX = Link(_softmax, _softmax_losses)
SIGMOID = Link(_sigmoid, _sigmoid_losses)

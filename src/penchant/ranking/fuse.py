"""One list from many scorers: normal scores, added with weights that depend on how much history there is.

score(u, i) = sum over sources s of weight_s(u) * z_s(u, i),  weight_s(u) = softplus(a_s + b_s . situation(u))
with z the source's score, standardised per person, in proportion up to about 1 and by its logarithm beyond (arsinh): counts put a
few items many deviations above all others, which would leave their source next to no weight. Where the source asks for it z is
the normal score of its rank. The weights are a conditional logit (McFadden 1974) on held-out events, drawn towards one weight
vector for everybody by an L2 penalty: few people, few degrees of freedom. No weight is below 0: sources say similar things, and
weights that cancel each other out fit the held-out people alone (docs/experiments.md).
Legend: C people, I items, P items that weights are learned on, S sources, F features of the situation.
"""

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch.nn import functional

from penchant.ranking.normal_scores import normal_scores
from penchant.records.events import Histories

NUM_FEATURES = 4
LONG = 20.0
"""Events after which a history counts as long (half weight)."""
START_WEIGHT = 0.1
"""What the search for weights begins with, per source."""
TINY = 1e-30
"""Its logarithm puts what cannot be asked for out of the question."""


def situation(histories: Histories, time_scale: float) -> np.ndarray:
    """float32 (C, F): any history, how long, how old, long and old; all 0 for somebody unknown, each within 0..1.

    time_scale: time units after which a history counts as old (half weight), above 0.
    """
    length = histories.lengths / (histories.lengths + LONG)
    age = histories.ages / (histories.ages + time_scale)
    some = histories.lengths > 0
    return np.stack([some, length, some * age, length * age], axis=1).astype(np.float32)


def standardise(scores: np.ndarray) -> np.ndarray:
    """Scores (C, I) with mean 0 and deviation 1 per person; a row without any difference becomes 0."""
    scores = np.nan_to_num(scores.astype(np.float32), neginf=0.0, posinf=0.0)
    centred = scores - scores.mean(axis=1, keepdims=True)
    deviation = centred.std(axis=1, keepdims=True)
    return np.asarray(centred / np.where(deviation > 1e-9, deviation, np.inf))


class Fusion:
    """`weights`: float32 (1 + F, S) before the softplus, row 0 for everybody, the others times the situation.

    `ranked`: the sources of which only the order counts.
    """

    def __init__(
        self, names: tuple[str, ...], weights: np.ndarray, time_scale: float, ranked: frozenset[str] = frozenset()
    ) -> None:
        self.names = names
        self.weights = weights
        self.time_scale = time_scale
        self.ranked = ranked

    def source_weights(self, histories: Histories) -> np.ndarray:
        """float32 (C, S), above 0."""
        return np.logaddexp(0, self.weights[0] + situation(histories, self.time_scale) @ self.weights[1:])

    def score(self, histories: Histories, scores: dict[str, np.ndarray]) -> np.ndarray:
        """Fused scores, float32 (C, I), from each source's own (C, I)."""
        return self.add(histories, {name: self.evidence(name, scores[name]) for name in self.names})

    def evidence(self, name: str, scores: np.ndarray) -> np.ndarray:
        """Scores of a source (C, I) on the scale that all share."""
        return comparable(scores, name in self.ranked)

    def add(self, histories: Histories, evidence: Mapping[str, np.ndarray]) -> np.ndarray:
        """Fused scores, float32 (C, I), from the `evidence` of each source: (C, I), or (1, I) where all are told the same."""
        weights = self.source_weights(histories)
        fused = np.zeros((len(histories), evidence[self.names[0]].shape[1]), np.float32)
        for place, name in enumerate(self.names):
            fused += weights[:, place, None] * evidence[name]
        return fused


def fit_fusion(
    histories: Histories,
    scores: dict[str, np.ndarray],
    stands_for: np.ndarray,
    relevant: np.ndarray,
    time_scale: float,
    *,
    ranked: frozenset[str] = frozenset(),
    penalty: float = 0.01,
    steps: int = 80,
) -> Fusion:
    """Weights that make the held-out items likely among P items, all of the catalogue or a pool of them.

    scores: per source float32 (C, P), `comparable` over the whole catalogue; ranked: the sources of which only the order counts.
    stands_for: float32 (C, P), how many items of the catalogue each counts for, 0 = none (what the person has met).
    relevant: bool (C, P), what each person met next.
    penalty: strength of the pull of the situation's weights to zero, per person; 0 or more.
    """
    names = tuple(scores)
    z_SCP = torch.from_numpy(np.stack([scores[name] for name in names]))
    features = torch.from_numpy(situation(histories, time_scale))
    offsets = torch.from_numpy(np.log(np.maximum(stands_for, TINY)))
    target = torch.from_numpy(relevant.astype(np.float32))
    target = target / target.sum(dim=1, keepdim=True).clamp(min=1)
    weights = torch.zeros(1 + NUM_FEATURES, len(names))
    weights[0] = math.log(math.expm1(START_WEIGHT))
    weights.requires_grad_()
    optimizer = torch.optim.LBFGS([weights], max_iter=steps, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        per_person = functional.softplus(weights[0] + features @ weights[1:])
        logits = torch.einsum("cs,scp->cp", per_person, z_SCP) + offsets
        value = -(target * functional.log_softmax(logits, dim=1)).sum(dim=1).mean()
        value = value + penalty * (weights[1:] ** 2).sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return Fusion(names, weights.detach().numpy(), time_scale, ranked & frozenset(names))


def comparable(scores: np.ndarray, ranked: bool) -> np.ndarray:
    """Scores of the catalogue (C, I) of any scale on one that sources share: by their order alone, or standardised.

    >>> comparable(np.array([[1.0] + [0.0] * 999]), ranked=False).max().round(2)
    np.float32(4.15)
    """
    return normal_scores(scores) if ranked else np.arcsinh(standardise(scores))

"""Rows on the same cases held against one of them: means, intervals, and differences that many rows at once allow to claim.

Where a row has several seeds, a person's value is the mean over them: intervals and tests resample people, seeds are told
beside them and must agree. It knows metrics of lists, and no system.
Legend: S seeds, C cases.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from penchant.evaluation.randomisation import holm, sign_flip_p
from penchant.evaluation.ranking import CaseResults
from penchant.evaluation.significance import bootstrap_interval, paired_difference

METRICS = ("ndcg", "recall", "mrr")
ABOVE, UNDECIDED, BELOW = VERDICTS = ("above", "not shown to differ", "below")
LEVEL = 0.05
Results = Mapping[str, Sequence[CaseResults]]
"""By row: what it answered under each seed, always to the same cases."""


def figures(results: Sequence[CaseResults]) -> dict[str, Any]:
    """Each metric with its interval, the share of the catalogue that is shown, and NDCG of each seed."""
    found: dict[str, Any] = {}
    for metric in METRICS:
        values = _by_person(results, metric)
        low, high = bootstrap_interval(values)
        found[metric] = {"value": float(values.mean()), "low": low, "high": high}
    found["coverage"] = float(np.mean([result.coverage for result in results]))
    return {**found, "by_seed": [float(result.ndcg.mean()) for result in results]}


def differences(results: Results, reference: str) -> list[dict[str, Any]]:
    """NDCG of every other row minus the reference's: interval, p of a randomisation test, and p after Holm over the rows."""
    theirs = _by_person(results[reference], "ndcg")
    others = {row: found for row, found in results.items() if row != reference}
    kept = holm({row: sign_flip_p(_by_person(found, "ndcg") - theirs) for row, found in others.items()})
    return [_difference(row, found, theirs, kept[row]) for row, found in others.items()]


def _difference(row: str, results: Sequence[CaseResults], theirs: np.ndarray, p_holm: float) -> dict[str, Any]:
    found = paired_difference(_by_person(results, "ndcg"), theirs)
    by_seed = [float(result.ndcg.mean() - theirs.mean()) for result in results]
    ends = {"value": found.value, "low": found.low, "high": found.high}
    return {"row": row, **ends, "by_seed": by_seed, "p_holm": p_holm, "verdict": verdict(p_holm, by_seed)}


def verdict(p_holm: float, by_seed: Sequence[float]) -> str:
    """Above or below where p is below 5% and all seeds agree.

    >>> verdict(0.01, [0.02, 0.01]), verdict(0.01, [0.03, -0.01]), verdict(0.2, [0.02]), verdict(0.001, [-0.1])
    ('above', 'not shown to differ', 'not shown to differ', 'below')
    """
    if p_holm >= LEVEL:
        return UNDECIDED
    return ABOVE if min(by_seed) > 0 else BELOW if max(by_seed) < 0 else UNDECIDED


def _by_person(results: Sequence[CaseResults], metric: str) -> np.ndarray:
    """Mean over the seeds, float64 (C,)."""
    return np.mean([getattr(result, metric) for result in results], axis=0)

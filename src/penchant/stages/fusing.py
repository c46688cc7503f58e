"""The weights of a fusion, learned on cases: scores are asked for a batch of people at a time, and kept of few items."""

from collections.abc import Callable, Mapping

import numpy as np

from penchant.evaluation.cases import Cases
from penchant.ranking.batched import batches
from penchant.ranking.fuse import Fusion, comparable, fit_fusion
from penchant.ranking.network_source import NetworkSource
from penchant.ranking.pools import WIDTH, Pool, make_pool, together
from penchant.records.events import Events, Histories
from penchant.retrieval.source import CandidateSource

TIME_SHARE = 0.02
"""A history is old after this share of the time that the events span."""
MAX_CASES = 1000
SEED = 0


def time_scale(events: Events) -> float:
    """Time units after which a history is old, above 0."""
    return max(1.0, TIME_SHARE * float(np.ptp(events.timestamps)))


def fuse(
    sources: Mapping[str, CandidateSource],
    network: NetworkSource | None,
    cases: Cases,
    scale: float,
    leave_out: str | None = None,
    width: int = WIDTH,
) -> Fusion:
    """Fusion weights learned on the cases; `leave_out` names a source to do without, `width`: items to learn them on."""
    rng = np.random.default_rng(SEED)
    cases = some_cases(cases, MAX_CASES, rng)
    scorers: dict[str, Callable[[Histories], np.ndarray]] = {name: source.score for name, source in sources.items()}
    if network is not None:
        scorers["network"] = lambda histories: network.score(histories)[:, : cases.num_items]
    scorers.pop(leave_out or "", None)
    ranked = frozenset(name for name, source in {**sources, "network": network}.items() if source and source.by_rank)
    pools: list[Pool] = []
    kept: dict[str, list[np.ndarray]] = {name: [] for name in scorers}
    for rows in batches(len(cases), cases.num_items):
        part = cases.select(rows)
        scores = {name: comparable(score(part.histories), name in ranked) for name, score in scorers.items()}
        pools.append(make_pool(scores.values(), *_seen_and_relevant(part), rng, width))
        for name, values in scores.items():
            kept[name].append(pools[-1].of(values))
    return fit_fusion(
        cases.histories,
        {name: together(parts) for name, parts in kept.items()},
        together([pool.stands_for for pool in pools]),
        together([pool.relevant for pool in pools]),
        scale,
        ranked=ranked,
    )


def some_cases(cases: Cases, most: int, rng: np.random.Generator) -> Cases:
    """At most so many, drawn at random, in their order."""
    return cases if len(cases) <= most else cases.select(np.sort(rng.choice(len(cases), most, replace=False)))


def _seen_and_relevant(cases: Cases) -> tuple[np.ndarray, np.ndarray]:
    """bool (C, I) each: what the person has met, and what came next."""
    relevant = np.zeros((len(cases), cases.num_items), bool)
    relevant[cases.relevant_owners, cases.relevant_rows] = True
    seen = np.zeros_like(relevant)
    rows = cases.histories.item_rows
    met = (rows >= 0) & (rows < cases.num_items)
    seen[cases.histories.owners[met], rows[met]] = True
    return seen, relevant

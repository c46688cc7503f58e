"""What re-rankers and rules cost and bring, for the report: the lists as somebody wants them beside the plain ones.

NDCG and everything that one person has is compared in pairs; coverage and Gini are of all lists together.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from penchant.evaluation import diversity, metrics
from penchant.evaluation.cases import Cases
from penchant.evaluation.ranking import list_results
from penchant.evaluation.significance import bootstrap_interval, paired_difference
from penchant.ranking.recommender import FusedRecommender
from penchant.ranking.wishes import Wishes
from penchant.records.ranked import Ranked
from penchant.stages.asking import NO_ITEMS, Asking
from penchant.stages.encode import Encoded
from penchant.stages.item_facts import ItemFacts, item_ages
from penchant.stages.rerankers import FEW, check_words, looks_at_age
from penchant.stages.rules import RuleWords, make_caps, unblocked
from penchant.stages.wanted import make_wishes

PLAIN = "plain"
BATCH = 256
"""People at once."""


def lists_name(rerank: Sequence[str], rules: Mapping[str, Any]) -> str:
    """How the row is called.

    >>> lists_name(
    ...     ["mmr:weight=0.3", "damped"], {"caps": {"tags": 3, "brand": {"Acme": 1}}, "blocks": {"tags": ["war"]}}
    ... )
    'mmr:weight=0.3 + damped + cap tags=3 + cap brand:Acme=1 + block tags=war'
    """
    words = [*rerank]
    for name, most in rules.get("caps", {}).items():
        each = most.items() if isinstance(most, Mapping) else [("", most)]
        words += [f"cap {name}{f':{value}' if value else ''}={limit}" for value, limit in each]
    words += [f"pin {place}={item}" for place, item in rules.get("pins", {}).items()]
    words += [f"block {name}={value}" for name, values in rules.get("blocks", {}).items() for value in values]
    return " + ".join(words)


def check_lists(encoded: Encoded, rerank: Sequence[str], rules: Mapping[str, Any]) -> None:
    """Raises: ConfigError and DataError for words and rules that make no sense of these items, before anything is learned."""
    check_words(rerank)
    words = RuleWords.of(rules)
    asking = _asking(encoded)
    if looks_at_age(rerank):
        item_ages(asking, NO_ITEMS, 0)
    make_caps(words.caps, asking)
    unblocked(words.blocks, asking)


def list_rows(
    recommender: FusedRecommender,
    encoded: Encoded,
    cases: Cases,
    k: int,
    rerank: Sequence[str],
    rules: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Records of the section `lists`; [] where nothing is asked for.

    Raises: ConfigError and DataError as `make_wishes` does.
    """
    if not (rerank or rules):
        return []
    now = int(cases.histories.request_times.max(initial=0))
    facts = ItemFacts(recommender, _asking(encoded), NO_ITEMS, now)
    wanted = make_wishes(facts, k=k, rerank=rerank, rules=rules)
    lists = {
        PLAIN: _ask(recommender, cases, Wishes(k=k)),
        lists_name(rerank, rules): _ask(recommender, cases, wanted),
    }
    fresh = facts.num_events < FEW if wanted.fresh is None else wanted.fresh
    each, overall = _measures(facts, cases, len(encoded.users), fresh)
    rows, base = [], dict[str, np.ndarray]()
    for name, ranked in lists.items():
        results = list_results(ranked, cases, k)
        of_fresh = results.among(fresh).ndcg
        values = {f"ndcg@{k}": results.ndcg} | ({f"fresh_ndcg@{k}": of_fresh} if len(of_fresh) else {})
        values |= {measure: find(ranked.item_rows) for measure, find in each.items()}
        base = base or values
        rows += [_row(name, measure, found, base[measure]) for measure, found in values.items()]
        rows += [_overall(name, measure, find, ranked.item_rows) for measure, find in overall.items()]
    return rows


def _asking(encoded: Encoded) -> Asking:
    return Asking(encoded.data.items, encoded.reader, encoded.data.has_clock)


def _ask(recommender: FusedRecommender, cases: Cases, wishes: Wishes) -> Ranked:
    parts = [cases.histories.select(slice(begin, begin + BATCH)) for begin in range(0, len(cases), BATCH)]
    found = [recommender.ask(part, wishes).ranked for part in parts]
    return Ranked(np.concatenate([r.item_rows for r in found]), np.concatenate([r.scores for r in found]))


def _measures(
    facts: ItemFacts, cases: Cases, num_users: int, fresh: np.ndarray
) -> tuple[dict[str, Callable[[np.ndarray], np.ndarray]], dict[str, Callable[[np.ndarray], float]]]:
    """What each list is like, and what all of them are like together."""
    tags, num_events = facts.categories, facts.num_events
    mixes = diversity.category_mixes(cases.histories, tags) if tags.any() else None
    each: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "distance": partial(diversity.intra_list_distance, vectors=facts.vectors),
        "novelty": partial(diversity.novelty, num_events=num_events, num_users=num_users),
        "long_tail": partial(diversity.share, item_mask=diversity.long_tail(num_events)),
        "fresh": partial(diversity.share, item_mask=fresh),
        "length": lambda lists: (lists >= 0).sum(axis=1).astype(np.float64),
    }
    if mixes is not None:
        each["mix_divergence"] = partial(diversity.divergence_from_mix, categories=tags, mixes=mixes)
    overall: dict[str, Callable[[np.ndarray], float]] = {
        "coverage": partial(metrics.coverage, num_items=cases.num_items),
        "gini": partial(diversity.exposure_gini, num_items=cases.num_items),
    }
    return each, overall


def _row(name: str, measure: str, values: np.ndarray, plain: np.ndarray) -> dict[str, Any]:
    low, high = bootstrap_interval(values)
    change = paired_difference(values, plain)
    row = {"row": name, "metric": measure, "value": float(values.mean()), "low": low, "high": high}
    changes = {"change": change.value, "change_low": change.low, "change_high": change.high}
    return {**row, **(dict.fromkeys(changes) if name == PLAIN else changes)}


def _overall(name: str, measure: str, find: Callable[[np.ndarray], float], lists: np.ndarray) -> dict[str, Any]:
    low, high = diversity.grouped_interval(find, lists) if len(lists) > 1 else (None, None)
    row = {"row": name, "metric": measure, "value": find(lists), "low": low, "high": high}
    return {**row, "change": None, "change_low": None, "change_high": None}

"""Exploration from words: "epsilon:share=0.1", "thompson:scale=1". docs/exploration.md tells what each costs and brings."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from penchant.ranking.explore.epsilon import Epsilon
from penchant.ranking.explore.policy import ByDoubt, BySlot, Policy
from penchant.ranking.explore.thompson import Thompson
from penchant.ranking.rerank.fresh import fresh_items
from penchant.ranking.wishes import Wishes
from penchant.records.errors import ConfigError
from penchant.records.ranges import Range
from penchant.stages.item_facts import ItemFacts
from penchant.stages.worded import parse_word

BEST = 30
"""Candidates that may be drawn: so few that a log can tell of each of them."""
SCALE = 0.3
"""Of the doubt that is acted on: the least regret in made-up worlds, and no more than NDCG shows (docs/experiments.md)."""
COUNT = Range(least=1, whole=True)
FEWER = Range(least=0, whole=True)
SEEDS = Range(least=0, whole=True)

Agent = Callable[[], Thompson]
"""Who has learned so far; made when it is first asked for."""


def _epsilon(
    facts: ItemFacts, _: Agent, k: int, *, share: float = 0.1, place: int = 0, best: int = BEST, fewer: int = 0
) -> Policy:
    Range(least=0, most=k, whole=True).check("place", place, 0)
    epsilon = Epsilon(share=share, slot=place - 1 if place else None)
    return BySlot(epsilon=epsilon, k=k, num_best=_best(best), fresh=_fresh(facts, fewer))


def _thompson(
    facts: ItemFacts, agent: Agent, k: int, *, scale: float = SCALE, best: int = BEST, fewer: int = 0
) -> Policy:
    Range(least=0, most=10).check("scale", scale, SCALE)
    vectors, fresh = facts.recommender.network.vectors, _fresh(facts, fewer)
    return ByDoubt(thompson=agent(), vectors=vectors, scale=scale, k=k, num_best=_best(best), fresh=fresh)


POLICIES: dict[str, Callable[..., Policy]] = {"epsilon": _epsilon, "thompson": _thompson}


def make_policy(word: str, facts: ItemFacts, agent: Agent, k: int) -> Policy:
    """Raises: ConfigError for an unknown word or option, or one out of its range."""
    name, options = parse_word("exploration", word, POLICIES)
    return POLICIES[name](facts, agent, k, **options)


def explored(wishes: Wishes, word: str | None, facts: ItemFacts, agent: Agent, seed: int | None) -> Wishes:
    """The same wishes, with lists that are drawn, if a word says how. seed: None draws anew at each request.

    Raises: ConfigError as `make_policy`, where chances would not be known, or the order of re-rankers would be lost, and for a
    seed of nothing.
    """
    if word is None:
        if seed is not None:
            raise ConfigError(f"A seed of {seed} is for lists that are drawn. Give `explore` too.")
        return wishes
    policy = make_policy(word, facts, agent, wishes.k)
    _check(policy, wishes)
    if seed is not None:
        SEEDS.check("seed", seed, "another draw at each request")
    rng = np.random.default_rng(seed)
    return with_fresh(replace(wishes, draw=lambda given, people: policy.draw(given, people, rng)), policy, facts)


def with_fresh(wishes: Wishes, policy: Policy, facts: ItemFacts) -> Wishes:
    """Lets the fresh items join that the policy may draw."""
    return wishes if policy.fresh is None else replace(wishes, fresh=policy.fresh, content=facts.content)


def _check(policy: Policy, wishes: Wishes) -> None:
    if wishes.rules is not None:
        raise ConfigError(
            "Caps and pins rearrange what was drawn, so that its chance would not be known. Leave them or `explore` out; "
            "blocks go with both."
        )
    if (wishes.weighing or wishes.holding) and not policy.keeps_order:
        raise ConfigError(
            "Thompson sampling orders candidates anew, so that re-rankers would be without effect. Leave `rerank` out, or "
            "explore with epsilon."
        )
    if wishes.fresh is not None and policy.fresh is not None:
        raise ConfigError("The re-ranker 'fresh' and `fewer` both say what is fresh. Leave one of them out.")


def _best(best: int) -> int:
    COUNT.check("best", best, BEST)
    return best


def _fresh(facts: ItemFacts, fewer: int) -> np.ndarray | None:
    FEWER.check("fewer", fewer, 0)
    return fresh_items(num_events=facts.num_events, fewer_than=fewer) if fewer else None

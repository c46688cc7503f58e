"""Re-rankers from words: "mmr:weight=0.3". docs/lists.md tells what each costs and brings."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from penchant.ranking.rerank import calibrated, damp, dpp, mmr
from penchant.ranking.rerank.fresh import Fresh, fresh_items
from penchant.ranking.rerank.reranker import Reranker
from penchant.records.errors import ConfigError, DataError
from penchant.records.events import Histories
from penchant.records.ranges import Range, check_word
from penchant.stages.item_facts import ItemFacts
from penchant.stages.worded import parse_word

FEW = 20
"""Events: an item with fewer is fresh."""
SHARE = Range(least=0, most=1)
SHARE_OF, DAYS = 0.1, 30
SECONDS_OF_A_DAY = 86_400
Scores = Callable[[Histories], np.ndarray]


def _mmr(facts: ItemFacts, *, weight: float = mmr.STRENGTH) -> Reranker:
    SHARE.check("weight", weight, mmr.STRENGTH)
    return mmr.MMR(facts.vectors, weight)


def _dpp(facts: ItemFacts, *, weight: float = dpp.STRENGTH) -> Reranker:
    SHARE.check("weight", weight, dpp.STRENGTH)
    return dpp.DPP(facts.vectors, weight)


def _calibrated(facts: ItemFacts, *, weight: float = calibrated.STRENGTH) -> Reranker:
    if not facts.categories.any():
        raise DataError("Lists are calibrated to people's mix of tags, but no item has a tag. Give the items tags.")
    SHARE.check("weight", weight, calibrated.STRENGTH)
    return calibrated.Calibrated(facts.categories, weight)


def _damped(facts: ItemFacts, *, weight: float = damp.STRENGTH) -> Reranker:
    Range(least=0).check("weight", weight, damp.STRENGTH)
    return damp.Damped(facts.num_events, weight)


def _fresh(
    facts: ItemFacts,
    k: int,
    *,
    slots: int | None = None,
    share: float | None = None,
    fewer: int | None = None,
    days: float | None = None,
    by: str | None = None,
    place: int | None = None,
) -> dict[str, Any]:
    places = _num_places(k, slots, share)
    if place is not None:
        Range(least=1, most=k // places, whole=True).check("place", place, k // places)
    fresh = Fresh(_mask(facts, fewer, days), places / k, place)
    by = by or ("score" if facts.num_events[fresh.fresh].any() else "texts")
    check_word("what speaks for fresh items, `by`", by, SPEAKERS)
    return {"holding": (fresh,), "fresh": fresh.fresh, "content": SPEAKERS[by](facts)}


def _num_places(k: int, slots: int | None, share: float | None) -> int:
    """Of a list of k: so many slots, or the whole places that a share of it holds; 1 where neither is said."""
    if share is None:
        slots = 1 if slots is None else slots
        Range(least=1, most=k, whole=True).check("slots", slots, 1)
        return slots
    if slots is not None:
        raise ConfigError(f"Places are told once, found slots={slots} and share={share:g}. Leave one of them out.")
    SHARE.check("share", share, SHARE_OF)
    if places := int(share * k + 1e-9):
        return places
    raise ConfigError(f"A share of {share:g} is no whole place of {k}. Take {1 / k:.2g} or more, or slots=1.")


def _mask(facts: ItemFacts, fewer: int | None, days: float | None) -> np.ndarray:
    """Who is fresh: met fewer times, or younger, or either; met fewer than FEW times where neither is said."""
    if fewer is None and days is None:
        fewer = FEW
    given: dict[str, Any] = {}
    if fewer is not None:
        Range(least=1, whole=True).check("fewer", fewer, FEW)
        given |= {"num_events": facts.num_events, "fewer_than": fewer}
    if days is not None:
        Range(above=0).check("days", days, DAYS)
        given |= {"ages": facts.ages, "younger_than": days * SECONDS_OF_A_DAY}
    return fresh_items(**given)


WEIGHING: dict[str, Callable[..., Reranker]] = {
    "mmr": _mmr,
    "dpp": _dpp,
    "calibrated": _calibrated,
    "damped": _damped,
}
"""They weigh the score against something else."""
HOLDING: dict[str, Callable[..., dict[str, Any]]] = {"fresh": _fresh}
"""They keep places free, behind all that weigh; what `Wishes` is to hold for them."""
SPEAKERS: dict[str, Callable[[ItemFacts], Scores | None]] = {
    "texts": lambda facts: facts.content,
    "network": lambda facts: facts.recommender.network.score,
    "score": lambda facts: None,  # noqa: ARG005
}
"""What orders the fresh ones among themselves: what their texts say, the network, or the score of the list. By default the texts
of items that nobody has met, and of others the score, which knows who met them: chosen on valid (docs/experiments.md)."""


def check_words(words: Sequence[str]) -> None:
    """Raises: ConfigError for an unknown word or option, before anything is known of the items."""
    for word in words:
        parse_word("re-ranker", word, WEIGHING | HOLDING)


def looks_at_age(words: Sequence[str]) -> bool:
    """Whether a word asks when items came."""
    return any("days" in parse_word("re-ranker", word, WEIGHING | HOLDING)[1] for word in words)


def reranked(words: str | Sequence[str] | None, facts: ItemFacts, k: int) -> dict[str, Any]:
    """What `Wishes` is to hold for these words, in the given order.

    Raises: ConfigError for an unknown word or option, one out of its range, or a re-ranker that stands twice; DataError for
    one that the items tell nothing for.
    """
    weighing: list[Reranker] = []
    found: dict[str, Any] = {}
    names = set()
    for word in [words] if isinstance(words, str) else words or ():
        name, options = parse_word("re-ranker", word, WEIGHING | HOLDING)
        if name in names:
            raise ConfigError(f"The re-ranker {name!r} stands twice. Name it once.")
        names.add(name)
        if name in HOLDING:
            found |= HOLDING[name](facts, k, **options)
        else:
            weighing.append(WEIGHING[name](facts, **options))
    if "calibrated" in names:
        found["categories"] = facts.categories
    return {**found, "weighing": tuple(weighing)}

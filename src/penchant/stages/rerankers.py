"""Re-rankers from words: "mmr:weight=0.3". docs/lists.md tells what each costs and brings."""

from collections.abc import Callable, Sequence
from typing import Any

from penchant.ranking.rerank import calibrated, damp, dpp, mmr
from penchant.ranking.rerank.fresh import Fresh, fresh_items
from penchant.ranking.rerank.reranker import Reranker
from penchant.records.errors import ConfigError, DataError
from penchant.records.ranges import Range
from penchant.stages.item_facts import ItemFacts
from penchant.stages.worded import parse_word

FEW = 20
"""Events: an item with fewer is fresh."""
SHARE = Range(least=0, most=1)


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


def _fresh(facts: ItemFacts, k: int, *, slots: int = 1, fewer: int = FEW) -> Fresh:
    Range(least=1, most=k, whole=True).check("slots", slots, 1)
    Range(least=1, whole=True).check("fewer", fewer, FEW)
    return Fresh(fresh_items(num_events=facts.num_events, fewer_than=fewer), slots / k)


WEIGHING: dict[str, Callable[..., Reranker]] = {
    "mmr": _mmr,
    "dpp": _dpp,
    "calibrated": _calibrated,
    "damped": _damped,
}
"""They weigh the score against something else."""
HOLDING: dict[str, Callable[..., Fresh]] = {"fresh": _fresh}
"""They keep places free, behind all that weigh."""


def check_words(words: Sequence[str]) -> None:
    """Raises: ConfigError for an unknown word or option, before anything is known of the items."""
    for word in words:
        parse_word("re-ranker", word, WEIGHING | HOLDING)


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
            fresh = HOLDING[name](facts, k, **options)
            found |= {"holding": (fresh,), "fresh": fresh.fresh, "content": facts.content}
        else:
            weighing.append(WEIGHING[name](facts, **options))
    if "calibrated" in names:
        found["categories"] = facts.categories
    return {**found, "weighing": tuple(weighing)}

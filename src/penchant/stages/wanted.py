"""What a request wants of its lists: words in, `Wishes` out. The only place where the two meet."""

from collections.abc import Sequence

import numpy as np

from penchant.ranking.wishes import Wishes
from penchant.records.errors import DataError
from penchant.stages.item_facts import ItemFacts
from penchant.stages.rerankers import reranked


def make_wishes(
    facts: ItemFacts,
    *,
    k: int = 10,
    exclude_seen: bool = True,
    candidates: Sequence[str] | None = None,
    domain: str | None = None,
    rerank: str | Sequence[str] = (),
) -> Wishes:
    """See `Model.recommend`. Raises: DataError for an unknown candidate or domain, or k below 1; ConfigError for words."""
    return Wishes(
        k=k,
        exclude_seen=exclude_seen,
        allowed=_allowed(facts, candidates, domain),
        **reranked(rerank, facts, k),
    )


def _allowed(facts: ItemFacts, candidates: Sequence[str] | None, domain: str | None) -> np.ndarray | None:
    masks = []
    if candidates is not None:
        masks.append(_among(candidates, facts.asking.names(facts.new)))
    if domain is not None:
        masks.append(facts.asking.domains.mask(domain, facts.new.domains))
    return np.logical_and.reduce(masks) if masks else None


def _among(candidates: Sequence[str], names: Sequence[str]) -> np.ndarray:
    row_of = {name: row for row, name in enumerate(names)}
    unknown = [name for name in candidates if name not in row_of]
    if unknown:
        raise DataError(f"Candidate {unknown[0]!r} is not in the catalogue. Pass it as a new item in `items`.")
    allowed = np.zeros(len(names), bool)
    allowed[[row_of[name] for name in candidates]] = True
    return allowed

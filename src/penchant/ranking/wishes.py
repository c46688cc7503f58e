"""What somebody wants of a list beside its being good: everything optional, in rows of the catalogue. It has no words.

Legend: B people, I items of the catalogue, E raw items that came with the request, T categories.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from penchant.ranking.explore.explored import Explored
from penchant.ranking.formula import Formula
from penchant.ranking.rerank.reranker import Reranker
from penchant.ranking.rerank.rules import Rules
from penchant.records.events import Histories
from penchant.records.ranked import Ranked

NUM_CANDIDATES = 100
"""Of each person, for whatever looks at candidates instead of the whole catalogue."""


@dataclass(frozen=True, kw_only=True)
class Value:
    """What an item is worth: a formula, and the numbers of items that it asks for by name, float64 (I + E,) each."""

    formula: Formula
    numbers: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """`k`: length of a list; `allowed`: what may be shown at all; `pull`: what is added to the scores, in deviations of each
    person's; `value`: what candidates are ordered by instead of scores; `weighing`: re-rankers that weigh scores against
    something else, in their order; `holding`, and last `rules`: those that take the order as they find it. The rest is what these
    look at: `categories` for people's mixes; `fresh` items, of which the best by `content` join the candidates; `pinned` rows.
    `draw` takes the place of rules: it draws the list from the candidates as they stand.
    """

    k: int = 10
    exclude_seen: bool = True
    allowed: np.ndarray | None = None  # bool (I + E,), None: everything
    pull: np.ndarray | None = None  # float (I + E,)
    value: Value | None = None
    weighing: tuple[Reranker, ...] = ()
    holding: tuple[Reranker, ...] = ()
    rules: Rules | None = None
    categories: np.ndarray | None = None  # float (I + E, T)
    fresh: np.ndarray | None = None  # bool (I + E,)
    content: Callable[[Histories], np.ndarray] | None = (
        None  # what speaks for fresh items, float (B, I + E), None: scores
    )
    pinned: tuple[int, ...] = ()
    draw: Callable[[Ranked, Histories], Explored] | None = None

    @property
    def takes_the_best(self) -> bool:
        """Nothing is asked for that the k highest scores don't give."""
        return not (self.value or self.weighing or self.has_rules)

    @property
    def has_rules(self) -> bool:
        """Somebody takes the order as they find it, and may need more than the best."""
        return bool(self.holding) or self.rules is not None or self.draw is not None

    @property
    def num_candidates(self) -> int:
        """So many that a long list has a choice too."""
        return max(NUM_CANDIDATES, 3 * self.k)

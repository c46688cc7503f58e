"""What somebody wants of a list beside its being good: everything optional, in rows of the catalogue. It has no words.

Legend: B people, I items of the catalogue, E raw items that came with the request, T categories.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from penchant.ranking.rerank.reranker import Reranker
from penchant.records.errors import DataError
from penchant.records.events import Histories

NUM_CANDIDATES = 100
"""Of each person, for whatever looks at candidates instead of the whole catalogue."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """`k`: length of a list; `allowed`: what may be shown at all; `weighing`: re-rankers that weigh scores against something
    else, in their order; `holding`: those that hold rules and take the order as they find it. The rest is what these look at:
    `categories` for people's mixes; `fresh` items, of which those with the best `content` join the candidates; `pinned` rows.

    Raises: DataError for k below 1.
    """

    k: int = 10
    exclude_seen: bool = True
    allowed: np.ndarray | None = None  # bool (I + E,), None: everything
    weighing: tuple[Reranker, ...] = ()
    holding: tuple[Reranker, ...] = ()
    categories: np.ndarray | None = None  # float (I + E, T)
    fresh: np.ndarray | None = None  # bool (I + E,)
    content: Callable[[Histories], np.ndarray] | None = None  # what texts alone say, float (B, I + E)
    pinned: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.k < 1:
            raise DataError(f"k is the length of a list, at least 1, found {self.k}.")

    @property
    def takes_the_best(self) -> bool:
        """Nothing is asked for that the k highest scores don't give."""
        return not (self.weighing or self.holding)

    @property
    def num_candidates(self) -> int:
        """So many that a long list has a choice too."""
        return max(NUM_CANDIDATES, 3 * self.k)

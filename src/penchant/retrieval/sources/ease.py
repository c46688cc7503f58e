"""EASE: the closed-form linear autoencoder over items (Steck 2019, arXiv:1905.03375), on recent events."""

from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from penchant.records.errors import ConfigError
from penchant.records.events import Events, Histories
from penchant.retrieval.counting import history_weights, interactions
from penchant.retrieval.settings import check_positive, check_share
from penchant.retrieval.source import CandidateSource, Settings

if TYPE_CHECKING:
    from scipy.sparse import csr_array  # type: ignore[import-untyped]

MAX_ITEMS = 20_000
"""Time grows with the cube of the items and memory with the square: about 3.2 GB at this many."""


class EASE(CandidateSource):
    """One dense item-item matrix, exact; for catalogues of up to MAX_ITEMS items."""

    GRID: ClassVar[tuple[Settings, ...]] = tuple(
        {"l2": l2, "decay": decay} for l2 in (400.0, 1500.0) for decay in (0.9, 0.95, 0.8, 0.6)
    )
    SCORING: ClassVar[frozenset[str]] = frozenset({"decay"})
    MOST_REFITTED: ClassVar[int] = 6_000

    @classmethod
    def fit(cls, events: Events, num_items: int, *, l2: float = 400.0, decay: float = 0.9) -> Self:
        """B = I - P / diag(P), column by column, with P = inverse of (X'X + l2 * I) and X who met what.

        l2: people; strength of the regularisation, above 0, usually 50 to 5000.
        decay: weight of an event relative to the one after it, above 0 to 1.

        Raises:
            ConfigError: a setting is out of its range, or the catalogue has more than MAX_ITEMS items.
        """
        check_positive("l2", l2)
        check_share("decay", decay)
        if num_items > MAX_ITEMS:
            raise ConfigError(f"EASE holds up to {MAX_ITEMS} items, found {num_items}. Use item-kNN instead.")
        weights = _inverse(interactions(events, num_items), l2)
        weights /= -weights.diagonal()
        np.fill_diagonal(weights, 0)
        return cls(num_items, {"l2": l2, "decay": decay}, {"weights": weights})

    def score(self, histories: Histories) -> np.ndarray:
        weights = history_weights(histories, self.num_items, self.settings["decay"])
        return np.asarray(weights @ self.arrays["weights"])


def _inverse(met: "csr_array", l2: float) -> np.ndarray:
    """(X'X + l2 I) ** -1 by Cholesky, in place: float32 (I, I)."""
    from scipy.linalg.lapack import spotrf, spotri  # type: ignore[import-untyped]

    gram = (met.T @ met).toarray()
    gram[np.diag_indices(len(gram))] += l2
    # The transposed view is the same symmetric matrix in the order that LAPACK can overwrite.
    factor, failed = spotrf(gram.T, lower=1, overwrite_a=1)
    inverse, failed_too = spotri(factor, lower=1, overwrite_c=1)
    if failed or failed_too:
        raise ConfigError(f"EASE cannot invert its matrix with l2 = {l2}. Choose a larger l2.")
    for row in range(len(inverse)):
        inverse[row, row:] = inverse[row:, row]
    return np.asarray(inverse.T)

"""Recent popularity: counts that halve with age, the same for everybody."""

from typing import ClassVar, Self

import numpy as np

from penchant.records.events import Events, Histories
from penchant.retrieval.counting import in_catalogue
from penchant.retrieval.settings import check_positive, check_weight
from penchant.retrieval.source import CandidateSource, Settings


class RecentPopularity(CandidateSource):
    """Events weigh less the more events came after them, so that it works without clock times;
    people who do much weigh less per event."""

    by_rank = True
    personal = False

    GRID: ClassVar[tuple[Settings, ...]] = tuple(
        {"half_life": share, "user_damping": damping} for damping in (0.5, 0.0) for share in (0.05, 0.02, 0.1, 0.2, 1.0)
    )

    @classmethod
    def fit(cls, events: Events, num_items: int, *, half_life: float = 0.05, user_damping: float = 0.5) -> Self:
        """Adds up the weights of each item's events: `0.5 ** (events since / (half_life * all events))`.

        half_life: age at which an event weighs half, as a share of all events; above 0, usually 0.02 to 1.
        user_damping: each weight is divided by this power of its user's number of events; 0 (all events alike)
            or more, 1 = all people alike.

        Raises:
            ConfigError: a setting is out of its range.
        """
        check_positive("half_life", half_life)
        check_weight("user_damping", user_damping)
        events = in_catalogue(events, num_items)
        since = np.arange(len(events), 0, -1) - 1
        weights = 0.5 ** (since / (half_life * max(len(events), 1)))
        weights /= np.bincount(events.user_rows)[events.user_rows] ** float(user_damping)
        counts = np.bincount(events.item_rows, weights, minlength=num_items).astype(np.float32)
        return cls(num_items, {"half_life": half_life, "user_damping": user_damping}, {"counts": counts})

    def score(self, histories: Histories) -> np.ndarray:
        return np.tile(self.arrays["counts"], (len(histories), 1))

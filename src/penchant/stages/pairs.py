"""Later events as questions to the pair heads: this person with this item, asked with what was known before."""

from dataclasses import dataclass

import numpy as np

from penchant.records.events import Events, Histories, histories_of
from penchant.stages.encode import Encoded


@dataclass(frozen=True, kw_only=True)
class LaterPairs:
    """`events`: the later ones that have an item; `owners`: int64 (N,), the place of each one's person in `histories`."""

    events: Events
    histories: Histories
    owners: np.ndarray


def later_pairs(past: Events, later: Events, encoded: Encoded) -> LaterPairs:
    """Everybody is asked once, at the time of their first later event."""
    later = later.take(later.item_rows >= 0)
    people, first, owners = np.unique(later.user_rows, return_index=True, return_inverse=True)
    histories = histories_of(past, people, later.timestamps[first], len(encoded.users), encoded.text_vectors)
    return LaterPairs(events=later, histories=histories, owners=owners.astype(np.int64))

"""Twenty people walk along a ring of items; even ones are rated 5, odd ones 1."""

import numpy as np

from penchant.records import words
from penchant.records.events import Events

NUM_ITEMS = 12


def ring_events() -> Events:
    users, steps = np.repeat(np.arange(20), 9), np.tile(np.arange(9), 20)
    items = (users + steps) % NUM_ITEMS
    return Events(
        user_rows=users.astype(np.int32),
        item_rows=items.astype(np.int32),
        timestamps=steps.astype(np.int64),
        values=np.where(items % 2, 1, 5).astype(np.float32),
        kinds=np.full(len(users), words.KINDS.index("rate"), np.int16),
        text_rows=np.full(len(users), -1, np.int32),
    )

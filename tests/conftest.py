"""A small shop with a real pattern: people walk along a ring of items in order, and like even ones."""

import numpy as np
import polars as pl
import pytest

from penchant.data.read import read
from penchant.records.data import Data

NUM_ITEMS, NUM_USERS = 40, 60


@pytest.fixture(scope="session")
def shop() -> Data:
    rng = np.random.default_rng(0)
    rows = []
    for user in range(NUM_USERS):
        start = int(rng.integers(NUM_ITEMS))
        for step in range(int(rng.integers(8, 16))):
            item = (start + step) % NUM_ITEMS
            stars = 5 if item % 2 == 0 else 2
            rows.append(
                (f"u{user}", f"i{item}", 1_600_000_000 + int(rng.integers(0, 9)) + step * 100_000 + user, stars)
            )
    events = pl.DataFrame(rows, schema=["user_id", "item_id", "timestamp", "rating"], orient="row")
    names = ["space", "garden", "kitchen", "jazz"]
    items = pl.DataFrame(
        {
            "item_id": [f"i{item}" for item in range(NUM_ITEMS)],
            "title": [f"{names[item % 4]} number {item}" for item in range(NUM_ITEMS)],
            "tags": [names[item % 4] for item in range(NUM_ITEMS)],
        }
    )
    return read(events, items=items)

"""Thirty people walk along a ring of books and a ring of films by turns."""

import polars as pl

import penchant as pn
from penchant.records.data import Data

NUM_EACH = 12


def books_and_films(told_by: str = "items") -> Data:
    """told_by: the table that has the column `domain`."""
    rows = [
        (f"u{user}", f"{domain}{(user + step) % NUM_EACH}", 1_600_000_000 + 1000 * (2 * step + place) + user, 4, domain)
        for user in range(30)
        for step in range(6)
        for place, domain in enumerate(("book", "film"))
    ]
    events = pl.DataFrame(rows, schema=["user_id", "item_id", "timestamp", "rating", "domain"], orient="row")
    items = events.select("item_id", "domain").unique("item_id", maintain_order=True)
    items = items.with_columns(title="a " + pl.col("item_id"))
    return pn.read(
        events if told_by == "events" else events.drop("domain"),
        items=items.drop("domain") if told_by == "events" else items,
    )

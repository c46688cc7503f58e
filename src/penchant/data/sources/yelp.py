"""The Yelp Open Dataset: review.json and business.json, and tip.json where it is there."""

from pathlib import Path

import polars as pl

from penchant.data.sources.folder import Noting, file_of, found
from penchant.data.sources.future import without_future
from penchant.data.tables import Tables

FILES = ("*business.json", "*review.json")
TIMED = ("is_open",)
"""Of a business, besides its stars and their number: as of the day of the export, not of a review."""


def read_yelp(folder: Path) -> Tables:
    """Reviews and tips by people of businesses; what sums up all reviews of a business is left out.

    user.json is not read: it holds names, and counts as of the day of the export.
    """
    read, tips = Noting(), found(folder, "*tip.json")
    columns = ["user_id", "business_id", "date", "text"]
    events = read(file_of(folder, FILES[1])).select(*columns, "stars").with_columns(kind=pl.lit("review"))
    if tips:
        events = pl.concat([events, read(tips).select(columns).with_columns(kind=pl.lit("tip"))], how="diagonal")
    items, notes = without_future(read(file_of(folder, FILES[0]), "items"), "items", TIMED)
    items = items.with_columns(pl.col("categories").str.split(", "))
    return Tables(
        events=events.rename({"business_id": "item_id", "date": "timestamp"}),
        items=items.rename({"business_id": "item_id", "name": "title", "categories": "tags"}),
        notes=(*read.notes, *notes, "users: user.json is not read: names, and counts as of the day of the export"),
        repairs=read.repairs,
    )

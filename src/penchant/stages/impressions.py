"""What was shown, as events: kind `impression`, with its place and, where it was drawn, its chance."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from penchant.records.errors import DataError


def impressions(lists: pl.DataFrame) -> list[dict[str, Any]]:
    """Raw events of lists that were shown: user_id, item_id, and rank; perhaps propensity and timestamp.

    Raises: DataError without one of these columns, or without a person in each row.
    """
    needed = ("user_id", "item_id", "rank")
    missing = [name for name in needed if name not in lists.columns]
    if missing:
        raise DataError(
            f"What was shown needs {', '.join(needed)}, and {missing[0]} is missing. Give what `recommend` answered."
        )
    if lists["user_id"].null_count():
        raise DataError("What was shown to nobody with a name cannot be logged. Give every row a user_id.")
    names = [name for name in ("user_id", "item_id", "propensity", "timestamp") if name in lists.columns]
    rows = lists.select(*names, pl.col("rank").alias("position")).to_dicts()
    return [{"kind": "impression"} | {name: value for name, value in row.items() if value is not None} for row in rows]


def check_place(event: Mapping[str, Any]) -> None:
    """Raises: DataError for a position below 1, or a propensity outside 0..1."""
    position, propensity = event.get("position"), event.get("propensity")
    if isinstance(position, int) and position < 1:
        raise DataError(f"A position is a place of a list, from 1, found {position}. Count from 1.")
    if isinstance(propensity, int | float) and not 0 < propensity <= 1:
        raise DataError(
            f"A propensity is above 0 and at most 1, found {propensity}. Give the chance with which the item was shown."
        )

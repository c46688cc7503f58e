"""How far to trust each review and rating: a weight with its reasons, never a deletion.

Knows the signs of `spam_signs.py` and adds them up; learns nothing, because nobody labels spam. What it is worth was measured
on made-up campaigns only (docs/experiments.md, 2026-11-25): real ones may look different.
"""

import numpy as np
import polars as pl

from penchant.records.errors import DataError
from penchant.text.spam_signs import (
    burst_of_item,
    burst_of_user,
    copied,
    crowd_of_singletons,
    extreme_only,
    mismatch,
    read_table,
    reworded,
    singleton,
)

LOWEST = 0.1
QUIET = 0.25
"""Scores up to here cost nothing: one weak sign is no reason to doubt somebody."""
TRUST = {
    "text much like that of others": 0.95,
    "the words of others in another order": 0.9,
    "rating and text disagree": 0.6,
    "burst of events for the item": 0.7,
    "burst of events by the person": 0.4,
    "crowd of people with one event for the item": 0.9,
    "only the highest or only the lowest ratings": 0.4,
    "only event of the person": 0.2,
}
"""The most that a sign alone can add to a score."""
NAMED = 0.1
"""A sign is a reason if it adds that much."""


def spam_weights(events: pl.DataFrame, sentiment: pl.Series | None = None, has_clock: bool = True) -> pl.DataFrame:
    """row (of `events`), weight (0.1 to 1), reasons (without ids), score (0 to 1: 1 minus the product of 1 - sign), in order.

    events: columns of records.words; user_id and item_id are needed, timestamp, kind, value and text are used if there.
    sentiment: of each event's text, from 0 (bad) to 1 (good), null where unknown; without it ratings and texts are not compared.
    has_clock: whether timestamps are seconds; an order has no bursts.

    Raises:
        DataError: ids are missing, or the sentiment has another length or range.
    """
    _check(events, sentiment)
    table = read_table(events, has_clock)
    signs = {  # reasons are told in this order
        "text much like that of others": copied(table),
        "the words of others in another order": reworded(table),
        "burst of events for the item": burst_of_item(table),
        "burst of events by the person": burst_of_user(table),
        "crowd of people with one event for the item": crowd_of_singletons(table),
        "only the highest or only the lowest ratings": extreme_only(table),
        "only event of the person": singleton(table),
    }
    if sentiment is not None:
        signs["rating and text disagree"] = mismatch(table, sentiment)
    return _weighed({reason: TRUST[reason] * sign for reason, sign in signs.items()}, table.height)


def _check(events: pl.DataFrame, sentiment: pl.Series | None) -> None:
    missing = {"user_id", "item_id"} - set(events.columns)
    if missing:
        raise DataError(f"Spam is told from whole tables of events, but {sorted(missing)} is missing. Add the column.")
    if sentiment is None:
        return
    if len(sentiment) != events.height:
        raise DataError(
            f"Each event has one sentiment, but {len(sentiment)} came for {events.height} events. Give all, or null."
        )
    if not sentiment.drop_nulls().is_between(0, 1).all():
        raise DataError(
            f"A sentiment lies between 0 and 1, found {sentiment.min()!r} to {sentiment.max()!r}. Scale it."
        )


def _weighed(signs: dict[str, np.ndarray], num_events: int) -> pl.DataFrame:
    parts = np.stack(list(signs.values()))
    score = 1 - np.prod(1 - parts, axis=0)
    weight = 1 - (1 - LOWEST) * np.maximum(0, score - QUIET) / (1 - QUIET)
    return pl.DataFrame(
        {
            "row": pl.int_range(num_events, eager=True, dtype=pl.Int64),
            "weight": weight,
            "reasons": _reasons((parts >= NAMED) & (weight < 1), list(signs)),
            "score": score,
        }
    )


def _reasons(told: np.ndarray, names: list[str]) -> pl.Series:
    """List(String) of the names of the rows that are true in each column."""
    codes, inverse = np.unique((1 << np.arange(len(names))) @ told, return_inverse=True)
    lists = [[name for bit, name in enumerate(names) if code >> bit & 1] for code in codes.tolist()]
    return pl.Series(lists, dtype=pl.List(pl.String)).gather(pl.Series(inverse))

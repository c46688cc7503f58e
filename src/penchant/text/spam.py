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
SIGNS = (
    ("text much like that of others", 0.95, copied),
    ("the words of others in another order", 0.9, reworded),
    ("burst of events for the item", 0.7, burst_of_item),
    ("burst of events by the person", 0.4, burst_of_user),
    ("crowd of people with one event for the item", 0.9, crowd_of_singletons),
    ("only the highest or only the lowest ratings", 0.4, extreme_only),
    ("only event of the person", 0.2, singleton),
)
"""What a reason is called, the most that this sign alone can add to a score, and the sign."""
MISMATCH = ("rating and text disagree", 0.6)
REASONS = (*(reason for reason, _, _ in SIGNS), MISMATCH[0])
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
    honest, told = np.ones(table.height), np.zeros(table.height, np.uint8)
    for bit, (_, trust, sign) in enumerate(SIGNS):
        _add(honest, told, trust * sign(table), bit)
    if sentiment is not None:
        _add(honest, told, MISMATCH[1] * mismatch(table, sentiment), len(SIGNS))
    weight = 1 - (1 - LOWEST) * np.maximum(0, 1 - honest - QUIET) / (1 - QUIET)
    return pl.DataFrame(
        {
            "row": pl.int_range(table.height, eager=True, dtype=pl.Int64),
            "weight": weight,
            "reasons": _reasons(np.where(weight < 1, told, 0)),
            "score": 1 - honest,
        }
    )


def _add(honest: np.ndarray, told: np.ndarray, sign: np.ndarray, bit: int) -> None:
    """One sign at a time, in place: ten million events and eight signs are kept out of memory."""
    honest *= 1 - sign
    told |= np.where(sign >= NAMED, np.uint8(1 << bit), np.uint8(0))


def _reasons(told: np.ndarray) -> pl.Series:
    """List(String): the names of the bits, uint8 (N,)."""
    codes, inverse = np.unique(told, return_inverse=True)
    lists = [[name for bit, name in enumerate(REASONS) if code >> bit & 1] for code in codes.tolist()]
    return pl.Series(lists, dtype=pl.List(pl.String)).gather(pl.Series(inverse))


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

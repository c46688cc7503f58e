"""What may enter the log: events that the model can read, ratings that its scale has, times that can have been."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from penchant.data.times import ORDER_LIMIT
from penchant.records.errors import DataError
from penchant.records.words import RATING_KINDS
from penchant.serving.events.log import OURS
from penchant.stages.model import Model

DAY = 86_400
NO_RATINGS = (0.0, 1.0)
"""The scale of a model that has seen no ratings: it says nothing of what a rating may be."""


def check_events(model: Model, events: Sequence[Mapping[str, Any]], newest: int = 0) -> None:
    """newest: the time of the newest event that is known, for a machine whose clock went back.

    Raises: DataError for what the model cannot read, off-scale ratings, times before 1973 or more than a day ahead, and kinds
    that are the server's own.
    """
    model.asking.raw_events([dict(event) for event in events])
    for event in events:
        if (event.get("kind") or "").startswith(OURS):
            raise DataError(f"Kinds of events do not begin with {OURS!r}, found {event['kind']!r}. Name it otherwise.")
        _check_rating(event, model.recommender.network.scale)
        if model.about["has_clock"] and event.get("timestamp") is not None:
            _check_time(event["timestamp"], max(time.time(), newest))


def _check_rating(event: Mapping[str, Any], scale: tuple[float, float]) -> None:
    value, kind = event.get("value"), event.get("kind")
    if value is None or scale == NO_RATINGS or not (kind is None or kind in RATING_KINDS):
        return
    low, high = scale
    if not low <= value <= high:
        raise DataError(f"A rating lies between {low:g} and {high:g}, found {value:g}. Send it on this scale.")


def _check_time(timestamp: int, now: float) -> None:
    if not ORDER_LIMIT <= timestamp <= now + DAY:
        raise DataError(
            f"A time is in seconds since 1970, from 1973 until tomorrow, found {timestamp}. "
            "Leave it out for what happens now."
        )

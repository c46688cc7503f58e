"""The words of the field, fixed once: column names, their types, kinds of events.

Outside ids are strings, kept byte for byte. Times are whole seconds (a clock) or small integers (only an order).
"""

import polars as pl

EVENT_COLUMNS: dict[str, pl.DataType] = {
    "user_id": pl.String(),
    "item_id": pl.String(),  # null: something done without an item, such as a search
    "timestamp": pl.Int64(),
    "kind": pl.String(),
    "value": pl.Float64(),  # rating, seconds, price paid: per kind; null is normal
    "text": pl.String(),
    "domain": pl.String(),
    "position": pl.Int64(),
    "propensity": pl.Float64(),
    "context": pl.String(),
}
ITEM_COLUMNS: dict[str, pl.DataType] = {
    "item_id": pl.String(),
    "domain": pl.String(),
    "title": pl.String(),
    "description": pl.String(),
    "tags": pl.List(pl.String()),
    "attributes": pl.String(),  # a JSON object of whatever else is known
    "image": pl.String(),
    "audio": pl.String(),
    "created_at": pl.Int64(),
}
USER_COLUMNS: dict[str, pl.DataType] = {
    "user_id": pl.String(),
    "attributes": pl.String(),  # a JSON object
    "profile": pl.String(),
}

KINDS = (
    "other",
    "view",
    "click",
    "play",
    "like",
    "dislike",
    "rate",
    "review",
    "search",
    "purchase",
    "share",
    "skip",
    "impression",
)
"""Kinds of events that have a code of their own; any other word is kept in the table and coded as "other"."""

NEGATIVE_KINDS = ("dislike", "skip", "impression")
"""Kinds that do not speak for their item: nothing is recommended because of them, and they are nobody's next item."""

RATING_KINDS = ("rate", "review")
"""Kinds whose `value` is a rating."""

NUM_RATING_BUCKETS = 6
"""0 = no rating, 1 to 5 = the fifth of the scale that a rating lies in."""

LIKE_SHARE = 0.6
"""A rating is a like from this share of its scale upwards (the top 40%)."""

"""Tables of events -> `Events` in row space. The numbers of texts agree between the two functions here."""

import numpy as np
import polars as pl

from penchant.records.data import Data
from penchant.records.events import NO_ROW, Events
from penchant.records.vocabulary import Vocabulary
from penchant.records.words import KINDS, RATING_KINDS

CODES = pl.Enum(KINDS)


def to_events(data: Data, users: Vocabulary, items: Vocabulary) -> Events:
    """The events of known users with known items, or with none (searches: item row -1), in the order of `data`.

    `values` are ratings, NaN for all other kinds, whose values are `amounts`, where there are any.
    `text_rows` number the events that have a text 0, 1, 2, ... `weights` are those of `data.weights`, 1 where it says nothing.
    """
    table = _known(data, users, items)
    has_text = table["has_text"].to_numpy()
    return Events(
        user_rows=table["user_row"].to_numpy(),
        item_rows=table["item_row"].to_numpy(),
        timestamps=table["timestamp"].to_numpy(),
        values=_numbers(table["rating"]),
        kinds=table["kind_code"].to_numpy(),
        text_rows=np.where(has_text, np.cumsum(has_text) - 1, NO_ROW).astype(np.int32),
        amounts=_numbers(table["amount"]) if table["amount"].count() else None,
        weights=None if data.weights is None else _weights(data.weights, data.events.height)[table["place"].to_numpy()],
    )


def event_texts(data: Data, users: Vocabulary, items: Vocabulary) -> list[str]:
    """The texts that `text_rows` of `to_events` number: text t belongs to the event with text row t."""
    return _known(data, users, items).filter("has_text")["text"].to_list()


def event_parts(data: Data, users: Vocabulary, items: Vocabulary) -> np.ndarray | None:
    """The source's own split of the events of `to_events`: "train", "valid" or "test" each; None where it has none."""
    if data.parts is None:
        return None
    kept = _known(data, users, items)["place"]
    return data.parts.gather(kept).cast(pl.String).to_numpy()


def _known(data: Data, users: Vocabulary, items: Vocabulary) -> pl.DataFrame:
    """The events whose ids have rows, with `user_row`, `item_row`, `kind_code`, `rating`, `amount`, `has_text` and their old
    `place`. In one step: a request with a handful of events pays for each."""
    table = (
        data.events.lazy()
        .with_row_index("place")
        .with_columns(
            pl.Series("user_row", users.rows(data.events["user_id"]), pl.Int32),
            pl.Series("item_row", items.rows(data.events["item_id"]), pl.Int32),
            pl.col("kind").cast(CODES, strict=False).to_physical().cast(pl.Int16).fill_null(0).alias("kind_code"),
            pl.when(pl.col("kind").is_in(RATING_KINDS)).then("value").alias("rating"),
            pl.when(~pl.col("kind").is_in(RATING_KINDS)).then("value").alias("amount"),
            (pl.col("text").fill_null("").str.strip_chars() != "").alias("has_text"),
        )
    )
    kept = (pl.col("user_row") >= 0) & ((pl.col("item_row") >= 0) | pl.col("item_id").is_null())
    return table.filter(kept).collect()


def _numbers(column: pl.Series) -> np.ndarray:
    """float32, NaN for null."""
    return column.cast(pl.Float32).to_numpy()


def _weights(table: pl.DataFrame, num_events: int) -> np.ndarray:
    """float32 (num_events,)"""
    weights = np.ones(num_events, np.float32)
    weights[table["row"].to_numpy()] = table["weight"].to_numpy()
    return weights

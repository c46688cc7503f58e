"""Lists, and what heads say of people and texts, as tables; and the moment at which people are asked."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from penchant.records.errors import ConfigError
from penchant.records.events import Histories
from penchant.records.ranked import Ranked


def right_after(histories: Histories) -> Histories:
    """The same people, asked at the time of their last event; those without one keep the time of the request."""
    return replace(histories, request_times=histories.request_times - histories.ages)


def list_table(asked: Sequence[str | None], names: Sequence[str], ranked: Ranked) -> pl.DataFrame:
    """`user_id, item_id, score, rank`, and `propensity` where lists were drawn: a row for each place that is filled."""
    owners, places = np.nonzero(ranked.item_rows >= 0)
    columns = {
        "user_id": pl.Series([asked[owner] for owner in owners.tolist()], dtype=pl.String),
        "item_id": pl.Series([names[row] for row in ranked.item_rows[owners, places].tolist()], dtype=pl.String),
        "score": ranked.scores[owners, places].astype(np.float64),
        "rank": places.astype(np.int64) + 1,
    }
    if ranked.propensities is not None:
        columns["propensity"] = ranked.propensities[owners, places].astype(np.float64)
    return pl.DataFrame(columns)


def told(
    key: str, asked: Sequence[str | None], values: Mapping[str, np.ndarray], columns: Mapping[str, Sequence[str]]
) -> pl.DataFrame:
    """`key, task, label, value`: a row for each of those asked and each value; of several values the highest comes first.

    values: by task, float64 (B,) or (B, O); columns: what the O values of a task are called.
    Raises: ConfigError where no task says anything.
    """
    if not values:
        raise ConfigError(f"The model has no task that tells of a {key}. Fit it with one that does (docs/tasks.md).")
    parts = []
    for name, given in values.items():
        labels: list[str | None] = [*columns[name]] if given.ndim > 1 else [None]
        parts.append(
            pl.DataFrame(
                {
                    key: pl.Series(np.repeat(np.arange(len(asked)), len(labels))),
                    "task": [name] * (len(asked) * len(labels)),
                    "label": pl.Series(labels * len(asked), dtype=pl.String),
                    "value": given.ravel(),
                }
            ).sort(key, "value", descending=[False, True], maintain_order=True)
        )
    table = pl.concat(parts).sort(key, maintain_order=True)
    names = pl.Series(list(asked), dtype=pl.String)
    return table.with_columns(names.gather(table[key]).alias(key))

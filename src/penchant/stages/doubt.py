"""Which events to believe less: the signs of spam in texts, ratings and times, laid beside the clean events as weights."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from penchant.records.data import Data
from penchant.records.errors import ConfigError
from penchant.text.spam import spam_weights


def doubted(data: Data, spam: bool | None = None, sentiment: Path | None = None) -> Data:
    """The data with `weights`, if it has none yet.

    spam: whether to look for spam; None: where events have texts, for what tells of campaigns is mostly in these, and a film
    that everybody sees in its first week is no campaign. sentiment: the folder of a model of reviews (`penchant reviews train`
    on other reviews), so that a text which contradicts its rating counts as a sign too.
    Raises: ConfigError for a sentiment without texts, or whose labels have no order.
    """
    has_texts = "text" in data.events.columns and data.events["text"].null_count() < data.events.height
    if sentiment is not None and (spam is False or not has_texts):
        raise ConfigError("A sentiment is compared with ratings while spam is looked for in texts, and here it is not.")
    if data.weights is not None or not (has_texts if spam is None else spam):
        return data
    feelings = None if sentiment is None else _feelings(data.events["text"], sentiment)
    weights = spam_weights(data.events, feelings, data.has_clock).filter(pl.col("weight") < 1)
    return replace(data, weights=weights.select(pl.col("row").cast(pl.UInt32), "weight", "reasons"))


def _feelings(texts: pl.Series, folder: Path) -> pl.Series:
    """0 (bad) to 1 (good) for each text, null without one: the mean place of the labels in their order."""
    from penchant.stages.review_model import ReviewModel

    model = ReviewModel.load(folder)
    try:
        places = np.array([float(label) for label in model.labels])
    except ValueError as error:
        raise ConfigError(
            f"A sentiment needs labels that are numbers, from bad to good, but {folder} has {model.labels}. "
            "Train it on such labels, 0 and 1 or stars."
        ) from error
    places = (places - places.min()) / np.ptp(places)
    known = texts.is_not_null()
    values = model.probabilities(texts.filter(known).to_list()) @ places
    feelings = np.full(len(texts), np.nan)
    feelings[known.to_numpy()] = np.clip(values, 0, 1)
    return pl.Series("sentiment", feelings).fill_nan(None)

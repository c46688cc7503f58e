"""How a review feels, from its text alone: softmax cross-entropy over classes."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch
from torch import Tensor
from torch.nn import functional

from penchant.data.scan import open_table
from penchant.records.errors import DataError
from penchant.records.words import LIKE_SHARE
from penchant.tasks.tables import Asked
from penchant.tasks.task import Facts, Task

FROM_RATINGS = ("negative", "positive")
"""Up to 40% of the scale, and from 60% on; what lies between says neither."""


class Sentiment(Task):
    """The head reads the text as items are read, and the text itself; the rating is nowhere in what it sees.

    labelled: a table (a file or a frame) with the columns `text` and `label`, any words or numbers: the reviews that have these
    texts are labelled so, and no others. Default: the rating of the review.
    Raises: DataError for a table without these columns, or with two labels for one text.
    """

    name = "sentiment"
    table = "reviews"
    reads = "text"
    default_weight = 0.1
    by_default = False
    link = "classes"
    metrics = ("accuracy", "macro_f1")
    needs = "A label is the rating of a review with a text, or the label of its text in the table `labelled`"

    def __init__(
        self, weight: float | None = None, rate: float = 1.0, labelled: str | Path | pl.DataFrame | Any = None
    ) -> None:
        super().__init__(weight, rate)
        self._labels = None if labelled is None else _read(labelled)
        self.columns = FROM_RATINGS if self._labels is None else tuple(sorted(set(self._labels.values())))

    def labels(self, asked: Asked, facts: Facts) -> np.ndarray:
        if self._labels is not None:
            place = {label: float(row) for row, label in enumerate(self.columns)}
            texts = (facts.texts[row].strip() for row in asked.events.text_rows)
            found = [place.get(self._labels.get(text, ""), np.nan) for text in texts]
            return np.array(found, np.float32).reshape(-1, 1)
        low, high = facts.rating_scale
        share = (asked.events.values - low) / (high - low)
        sided = np.where(share >= LIKE_SHARE, 1, np.where(share <= 1 - LIKE_SHARE, 0, np.nan))
        return sided.astype(np.float32)[:, None]

    def loss(self, outputs: Tensor, labels: Tensor) -> Tensor:
        return functional.cross_entropy(outputs, labels[:, 0].to(torch.int64))

    def constant(self, labels: np.ndarray) -> np.ndarray:
        """The logarithms of the shares of the classes."""
        shares = np.bincount(labels[:, 0].astype(np.int64), minlength=len(self.columns)) / len(labels)
        return np.log(np.maximum(shares, 1e-4)).astype(np.float32)


def _read(labelled: str | Path | pl.DataFrame | Any) -> dict[str, str]:
    """Text -> label."""
    table = open_table(labelled)[0].frame()
    for word in ("text", "label"):
        if word not in table.columns:
            raise DataError(
                f"Labelled texts need the columns text and label, found {', '.join(table.columns)}. Rename them."
            )
    texts = table["text"].cast(pl.String).str.strip_chars()
    rows = pl.DataFrame({"text": texts, "label": table["label"].cast(pl.String)}).drop_nulls().unique()
    if (twice := rows["text"].is_duplicated()).any():
        raise DataError(f"One text has one label, but {rows['text'].filter(twice)[0]!r} has two. Keep one of its rows.")
    return dict(rows.iter_rows())

"""A model of reviews and a table of reviews in, what people praise and blame out: `penchant reviews aspects`."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from penchant.records.artifacts import read_json
from penchant.records.errors import ConfigError, DataError
from penchant.stages.reader import read_texts
from penchant.stages.review_model import ReviewModel
from penchant.stages.review_rows import read_table
from penchant.text.reviews.aspects import Aspects
from penchant.text.reviews.sentiment import worth
from penchant.text.segment import read_user_words


def find_aspects(
    run: Path,
    file: Path,
    *,
    columns: dict[str, str] | None = None,
    given: Path | None = None,
    num_aspects: int = 30,
    min_count: int = 5,
    words: Path | None = None,
) -> pl.DataFrame:
    """Findings as `Aspects.find` gives them; `row` is that of the file, from 0.

    given: a JSON file, aspect -> its phrases, instead of aspects mined from the reviews. words: names that the
    mining is to know, one a line. Raises ConfigError for a model whose labels have no order from bad to good, and for words
    where nothing is mined.
    """
    if given is not None and words is not None:
        raise ConfigError(
            "Words are for aspects that are mined from the reviews, but aspects are given. Leave one out."
        )
    model = ReviewModel.load(run)
    order = worth(model.labels)
    frame, names = read_table(file, columns or {}, ["review"])
    texts = [text or "" for text in frame[names["review"]].cast(pl.String)]
    if given is None:
        own = tuple(read_user_words(words)) if words is not None else ()
        aspects = Aspects.mined(texts, lambda phrases: read_texts(phrases, model.encoder), num_aspects, min_count, own)
    else:
        aspects = Aspects.given(_read_given(given))
    return aspects.find(texts, lambda quotes: _goodness(model, quotes, order))


def aspect_lines(table: pl.DataFrame) -> list[str]:
    """A summary (`penchant.text.reviews.aspects.summary`) as a person reads it at a terminal."""
    lines = []
    for row in table.iter_rows(named=True):
        share = "" if row["positive"] is None else f", {row['positive']:.0%} positive"
        lines.append(f"{row['aspect']}: {row['num_reviews']} reviews{share}")
        lines += [
            f"    {sign} {quote}"
            for sign, quotes in (("+", row["praise"]), ("-", row["complaints"]))
            for quote in quotes
        ]
    return lines


def _goodness(model: ReviewModel, quotes: Sequence[str], order: np.ndarray) -> np.ndarray:
    return np.asarray(model.probabilities(quotes) @ order)


def _read_given(path: Path) -> dict[str, list[str]]:
    told = read_json(path)
    fine = isinstance(told, dict) and all(
        isinstance(words, list) and all(isinstance(word, str) for word in words) for words in told.values()
    )
    if not fine:
        raise DataError(f'{path} must be a JSON object of lists of phrases, such as {{"food": ["breakfast", "早餐"]}}.')
    return dict(told)

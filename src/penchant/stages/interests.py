"""Interest labels of the items and people of a run: labels given or mined, read by the run's own encoder."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from penchant.evaluation.prediction import calibration_error
from penchant.records.errors import DataError
from penchant.records.events import histories_of
from penchant.records.vocabulary import Vocabulary
from penchant.stages.encode import Encoded, encode
from penchant.stages.encoders import AUTO
from penchant.stages.item_labels import find_labels
from penchant.stages.prepare import read_data
from penchant.text.interests import Interests, fit_interests
from penchant.text.segment import Segmenter, read_user_words

TEST_SHARE = 0.2


@dataclass(frozen=True, kw_only=True)
class LabelScores:
    """`items`: probabilities float64 (I, K); `texts`: likewise of the events' texts. `calibration_error`: of the learned labels,
    on items that a second fit had not seen; None without any."""

    interests: Interests
    items: np.ndarray
    texts: np.ndarray | None
    calibration_error: float | None

    def people(self, encoded: Encoded, user_rows: np.ndarray, half_life: float = 20.0) -> pl.DataFrame:
        """`user_id, label, score` (0 to 1, `Interests.people`) of some people, each one's highest first; strangers have none."""
        events = encoded.events
        latest = np.full(len(user_rows), events.timestamps.max(initial=0))
        histories = histories_of(events, user_rows, latest, len(encoded.users))
        scale = encoded.facts.rating_scale
        scores = self.interests.people(histories, self.items, self.texts, scale, half_life)
        ids = np.array(encoded.data.users["user_id"].to_list())[user_rows]
        labels = np.array(self.interests.labels)
        table = pl.DataFrame(
            {"user_id": np.repeat(ids, len(labels)), "label": np.tile(labels, len(ids)), "score": scores.ravel()}
        ).filter(pl.col("score").is_not_nan())
        return table.sort(pl.col("user_id").rle_id(), "score", descending=[False, True], maintain_order=True)

    def top_items(self, encoded: Encoded, item_rows: np.ndarray) -> pl.DataFrame:
        """`item_id, label, score` (the probability that the item carries the label) of some items, each one's highest first."""
        scores, labels = self.items[item_rows], np.array(self.interests.labels)
        ids = np.array(encoded.data.items["item_id"].to_list())[item_rows]
        table = pl.DataFrame(
            {"item_id": np.repeat(ids, len(labels)), "label": np.tile(labels, len(ids)), "score": scores.ravel()}
        )
        return table.sort(pl.col("item_id").rle_id(), "score", descending=[False, True], maintain_order=True)


def interests_of_run(
    run: Path,
    *,
    labels: Sequence[str] | None = None,
    user_ids: Sequence[str] = (),
    item_ids: Sequence[str] = (),
    k: int = 10,
    encoder: str = AUTO,
    words: Path | None = None,
) -> dict[str, Any]:
    """The k highest labels of people and items of `run/data`, as records; `calibration_error` of the labels with examples.

    words: a dictionary (`segment.read_user_words`) for labels that are phrases of the items' texts.
    Raises: DataError for an unknown id, or where there are no labels; ConfigError for words where no phrases are looked for.
    """
    encoded = encode(read_data(run), encoder)
    users, items = _known(encoded.users, user_ids, "person"), _known(encoded.items, item_ids, "item")
    found = label_scores(encoded, labels, segmenter=None if words is None else Segmenter(read_user_words(words)))
    return {
        "people": _first(found.people(encoded, users), "user_id", k),
        "items": _first(found.top_items(encoded, items), "item_id", k),
        "calibration_error": found.calibration_error,
    }


def _known(vocabulary: Vocabulary, ids: Sequence[str], what: str) -> np.ndarray:
    rows = vocabulary.rows(ids)
    if (rows < 0).any():
        raise DataError(f"There is no {what} {ids[int((rows < 0).argmax())]!r} in this run. Use an id of its tables.")
    return rows


def _first(table: pl.DataFrame, key: str, k: int) -> list[dict[str, Any]]:
    return table.group_by(key, maintain_order=True).head(k).to_dicts()


def label_scores(
    encoded: Encoded, labels: Sequence[str] | None = None, seed: int = 0, segmenter: Segmenter | None = None
) -> LabelScores:
    """Scores of every item for the given labels, or for those that `find_labels` finds; it says what a segmenter is for."""
    found = find_labels(encoded.data.items, encoded.reader, encoded.item_vectors, labels, seed, segmenter)
    interests = found.interests
    return LabelScores(
        interests=interests,
        items=interests.scores(encoded.item_vectors),
        texts=None if encoded.text_vectors is None else interests.scores(encoded.text_vectors),
        calibration_error=_error(interests.labels, found.vectors, encoded.item_vectors, found.carried, seed),
    )


def _error(
    labels: Sequence[str], vectors: np.ndarray, item_vectors: np.ndarray, carried: np.ndarray, seed: int
) -> float | None:
    test = np.random.default_rng((seed, 1)).random(len(item_vectors)) < TEST_SHARE
    if not test.any() or test.all():
        return None
    second = fit_interests(labels, vectors, item_vectors[~test], carried[~test], seed)
    truth = carried[test][:, second.learned].astype(np.float64)
    return calibration_error(truth, second.scores(item_vectors[test])[:, second.learned]) if truth.size else None

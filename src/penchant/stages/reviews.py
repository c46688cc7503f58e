"""A table of reviews and labels in, a folder that tells the feeling of any review out. Wires encoder, heads and files.

The folder: review_model.json (labels, encoder, what was measured), model.safetensors, and the manifest. It holds no review,
but 8 bytes of a hash of each that was learned from, so that none of them is ever scored as if it were new.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from penchant.evaluation.classification import classification_report
from penchant.records.artifacts import check_folder, new_folder, read_json, write_json
from penchant.records.errors import ArtifactError, DataError, LeakError
from penchant.stages.encode import DEFAULT_ENCODER, make_encoder, read_texts
from penchant.stages.review_rows import Reviews, read_reviews, read_table, split_rows, text_key
from penchant.text.reviews.sentiment import Sentiment, fit_sentiment

ABOUT, WEIGHTS = "review_model.json", "model.safetensors"


@dataclass(frozen=True, kw_only=True)
class ReviewModel:
    """Texts in, probabilities out. `learned`: keys of the texts that were learned from or calibrated on."""

    sentiment: Sentiment
    encoder: str
    model_id: str
    learned: frozenset[str]
    about: dict[str, Any]

    @property
    def labels(self) -> list[str]:
        return list(self.sentiment.labels)

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Probability of each label, float64 (n, C)."""
        return self.sentiment.probabilities(texts, self.read(texts))

    def read(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors, float32 (n, T). Raises ArtifactError where the encoder's name no longer stands for what was learned with."""
        encoder = make_encoder(self.encoder)
        if encoder.model_id != self.model_id:
            raise ArtifactError(
                f"This model of reviews was learned with the vectors of {self.model_id!r}, but {self.encoder!r} is now "
                f"{encoder.model_id!r}. Train again."
            )
        return read_texts(list(texts), encoder)

    def save(self, path: Path) -> None:
        """Writes or replaces the folder in one step."""
        with new_folder(path) as draft:
            save_file({name: np.ascontiguousarray(a) for name, a in self.sentiment.state().items()}, draft / WEIGHTS)
            told = {"labels": self.labels, "encoder": self.encoder, "model_id": self.model_id, "about": self.about}
            write_json(draft / ABOUT, {**told, "learned": sorted(self.learned)})

    @classmethod
    def load(cls, path: Path) -> "ReviewModel":
        """Raises ArtifactError for a folder that `save` did not write, or that was changed since."""
        check_folder(path)
        if not (path / ABOUT).is_file():
            raise ArtifactError(
                f"{path} holds no {ABOUT}, so it is no model of reviews. Name the --out of `reviews train`."
            )
        told = read_json(path / ABOUT)
        try:
            return cls(
                sentiment=Sentiment.of_state(told["labels"], load_file(path / WEIGHTS)),
                encoder=told["encoder"],
                model_id=told["model_id"],
                learned=frozenset(told["learned"]),
                about=told["about"],
            )
        except (KeyError, TypeError, OSError, SafetensorError) as error:
            raise ArtifactError(f"{path} cannot be read ({error!r}). Train again.") from error


def train_reviews(
    file: Path,
    out: Path,
    *,
    columns: dict[str, str] | None = None,
    encoder: str = DEFAULT_ENCODER,
    words: bool = True,
    balanced: bool = False,
    grouped: bool = False,
    seed: int = 0,
) -> dict[str, Any]:
    """Learns from 80% of the reviews, writes `out`, and gives the metrics on the other 20% (`split_rows`)."""
    reviews = read_reviews(file, columns or {}, grouped)
    train, held_out, test = split_rows(reviews, seed)
    reader = make_encoder(encoder)
    vectors = read_texts(reviews.texts, reader)
    known = train | held_out
    sentiment = fit_sentiment(
        _pick(reviews.texts, known),
        vectors[known],
        _pick(reviews.labels, known),
        held_out[known],
        words=words,
        balanced=balanced,
    )
    report = _report(sentiment, _take(reviews, test), vectors[test])
    settings = {"words": words, "balanced": balanced, "grouped": grouped, "seed": seed}
    rows = {
        "train": int(train.sum()),
        "calibration": int(held_out.sum()),
        "test": int(test.sum()),
        "dropped": reviews.dropped,
    }
    about = {"settings": settings, "rows": rows, "metrics": report}
    learned = frozenset(text_key(text) for text in _pick(reviews.texts, known))
    names = {"encoder": encoder, "model_id": reader.model_id}
    ReviewModel(sentiment=sentiment, learned=learned, about=about, **names).save(out)
    return {"encoder": encoder, **about}


def evaluate_reviews(run: Path, file: Path, *, columns: dict[str, str] | None = None) -> dict[str, Any]:
    """Metrics on the rows of the file that were not learned from.

    Raises LeakError if none is left, DataError for a label that the model does not know.
    """
    model = ReviewModel.load(run)
    reviews = read_reviews(file, columns or {})
    new = np.array([text_key(text) not in model.learned for text in reviews.texts])
    if not new.any():
        raise LeakError(f"All {len(new)} reviews of {file} were learned from, so they prove nothing. Give others.")
    fresh = _take(reviews, new)
    vectors = model.read(fresh.texts)
    rows = {"test": int(new.sum()), "learned_from": int((~new).sum()), "dropped": reviews.dropped}
    return {"encoder": model.encoder, "rows": rows, "metrics": _report(model.sentiment, fresh, vectors)}


def predict_reviews(run: Path, file: Path, *, columns: dict[str, str] | None = None) -> pl.DataFrame:
    """The table of the file with `predicted_label` and `probability` (0..1); both are null where there is no text."""
    model = ReviewModel.load(run)
    frame, names = read_table(file, columns or {}, ["review"])
    texts = [(text or "").strip() for text in frame[names["review"]].cast(pl.String)]
    some = np.array([bool(text) for text in texts], bool)
    chosen: list[str | None] = [None] * len(texts)
    chances: list[float | None] = [None] * len(texts)
    if some.any():
        found = model.probabilities(_pick(texts, some))
        for row, chance in zip(np.flatnonzero(some), found, strict=True):
            chosen[row], chances[row] = model.labels[chance.argmax()], round(float(chance.max()), 4)
    return frame.with_columns(
        pl.Series("predicted_label", chosen, pl.String), pl.Series("probability", chances, pl.Float64)
    )


def report_lines(report: dict[str, Any]) -> list[str]:
    """What a person reads at a terminal."""
    metrics, rows = report["metrics"], dict(report["rows"])
    dropped = rows.pop("dropped")
    lines = ["rows: " + ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in rows.items())]
    lines += [f"dropped: {count} ({reason})" for reason, count in dropped.items()]
    lines += [f"{name.replace('_', ' '):<20}{_shown(metrics[name])}" for name in ("accuracy", "macro_f1")]
    error = metrics["calibration_error"]
    lines += [f"{'calibration error':<20}{error['value']:.3f} (by chance {error['by_chance']:.3f})", ""]
    for label, found in metrics["labels"].items():
        shares = "  ".join(f"{name} {_shown(found[name])}" for name in ("precision", "recall", "f1"))
        called = ", ".join(f"{name!r} {count}" for name, count in metrics["confusion"][label].items())
        lines += [f"{label!r}: {shares}", f"    {found['num_rows']} rows, called {called}"]
    return lines


def _shown(found: dict[str, float]) -> str:
    return f"{found['value']:.3f} [{found['low']:.3f}, {found['high']:.3f}]"


def _report(sentiment: Sentiment, reviews: Reviews, vectors: np.ndarray) -> dict[str, Any]:
    labels = list(sentiment.labels)
    unknown = sorted(set(reviews.labels) - set(labels))
    if unknown:
        raise DataError(
            f"The model knows the labels {', '.join(labels)}, but the rows hold {', '.join(unknown)} too. Map them."
        )
    truth = np.array([labels.index(label) for label in reviews.labels])
    return classification_report(truth, sentiment.probabilities(reviews.texts, vectors), labels)


def _pick(values: Sequence[str], mask: np.ndarray) -> list[str]:
    return [value for value, mine in zip(values, mask, strict=True) if mine]


def _take(reviews: Reviews, mask: np.ndarray) -> Reviews:
    groups = _pick(reviews.groups, mask) if reviews.groups else []
    return Reviews(texts=_pick(reviews.texts, mask), labels=_pick(reviews.labels, mask), groups=groups, dropped={})

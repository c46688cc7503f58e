"""A table of reviews and labels in, a model that tells the feeling of any review out: the verbs of `penchant reviews`."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from penchant.evaluation.classification import classification_report
from penchant.records.errors import ConfigError, DataError, LeakError
from penchant.stages.encoders import AUTO, make_encoder, word_for
from penchant.stages.reader import read_texts
from penchant.stages.review_model import ReviewModel, make_tuned
from penchant.stages.review_rows import Reviews, read_reviews, read_table, split_rows, text_key
from penchant.text.reviews.fine_tuning import FineTuning, fine_tune
from penchant.text.reviews.sentiment import Sentiment, fit_sentiment
from penchant.vectors.encoder import Encoder


def train_reviews(
    file: Path,
    out: Path,
    *,
    columns: dict[str, str] | None = None,
    encoder: str = AUTO,
    fine_tuning: FineTuning | None = None,
    words: bool = True,
    balanced: bool = False,
    grouped: bool = False,
    seed: int = 0,
) -> dict[str, Any]:
    """Learns from 80% of the reviews, writes `out`, and gives the metrics on the other 20% (`split_rows`)."""
    reviews = read_reviews(file, columns or {}, grouped)
    train, held_out, test = split_rows(reviews, seed)
    known = train | held_out
    mine, calibration = _take(reviews, known), held_out[known]
    encoder = word_for(mine.texts) if encoder == AUTO else encoder
    options: dict[str, Any] = {"words": words, "balanced": balanced}
    if fine_tuning is None:
        reader = make_encoder(encoder)
        sentiment = fit_sentiment(mine.texts, read_texts(mine.texts, reader), mine.labels, calibration, **options)
        losses: list[float] = []
    else:
        reader, sentiment, losses = _fine_tuned(encoder, mine, calibration, fine_tuning, options)
    model = ReviewModel(
        sentiment=sentiment,
        encoder=reader,
        encoder_name=encoder,
        encoder_id=make_encoder(encoder).model_id,
        learned=frozenset(map(text_key, mine.texts)),
        about={
            "settings": {
                **options,
                "grouped": grouped,
                "seed": seed,
                "fine_tuning": fine_tuning and asdict(fine_tuning),
            },
            "held_out_losses": losses,
            "rows": {
                "train": int(train.sum()),
                "calibration": int(held_out.sum()),
                "test": int(test.sum()),
                "dropped": reviews.dropped,
            },
            "metrics": _report(sentiment, reader, _take(reviews, test)),
        },
    )
    model.save(out)
    return {"encoder": encoder, **model.about}


def parse_layers(text: str) -> int | None:
    """The layers that `--fine-tune` asks for: a number, or "all" (None).

    >>> parse_layers("2"), parse_layers("all")
    (2, None)

    Raises ConfigError for anything else.
    """
    if text != "all" and not text.isdecimal():
        raise ConfigError(f"--fine-tune takes a number of layers or all, not {text!r}.")
    return None if text == "all" else int(text)


def _fine_tuned(
    name: str, reviews: Reviews, held_out: np.ndarray, settings: FineTuning, options: dict[str, Any]
) -> tuple[Encoder, Sentiment, list[float]]:
    """The encoder with its last layers learned anew, heads for it, and the losses on the way."""
    frozen = make_tuned(name)
    texts, labels = reviews.texts, reviews.labels
    start = fit_sentiment(
        texts, read_texts(texts, make_encoder(name)), labels, held_out, words=False, balanced=options["balanced"]
    )
    rows = np.array([start.labels.index(label) for label in labels])
    weights = 1 / np.bincount(rows)[rows] if options["balanced"] else None
    targets = np.eye(len(start.labels))[rows]
    tuned, head, losses = fine_tune(frozen, start.vectors, texts, targets, held_out, settings, weights)
    sentiment = fit_sentiment(texts, read_texts(texts, tuned), labels, held_out, vector_head=head, **options)
    return tuned, sentiment, losses


def evaluate_reviews(run: Path, file: Path, *, columns: dict[str, str] | None = None) -> dict[str, Any]:
    """Metrics on the rows of the file that were not learned from.

    Raises LeakError if none is left, DataError for a label that the model does not know.
    """
    model = ReviewModel.load(run)
    reviews = read_reviews(file, columns or {})
    new = np.array([text_key(text) not in model.learned for text in reviews.texts])
    if not new.any():
        raise LeakError(f"All {len(new)} reviews of {file} were learned from, so they prove nothing. Give others.")
    rows = {"test": int(new.sum()), "learned_from": int((~new).sum()), "dropped": reviews.dropped}
    metrics = _report(model.sentiment, model.encoder, _take(reviews, new))
    return {"encoder": model.encoder_name, "rows": rows, "metrics": metrics}


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


def _report(sentiment: Sentiment, encoder: Encoder, reviews: Reviews) -> dict[str, Any]:
    labels = list(sentiment.labels)
    unknown = sorted(set(reviews.labels) - set(labels))
    if unknown:
        raise DataError(
            f"The model knows the labels {', '.join(labels)}, but the rows hold {', '.join(unknown)} too. Map them."
        )
    truth = np.array([labels.index(label) for label in reviews.labels])
    vectors = read_texts(reviews.texts, encoder)
    return classification_report(truth, sentiment.probabilities(reviews.texts, vectors), labels)


def _pick(values: Sequence[str], mask: np.ndarray) -> list[str]:
    return [value for value, mine in zip(values, mask, strict=True) if mine]


def _take(reviews: Reviews, mask: np.ndarray) -> Reviews:
    groups = _pick(reviews.groups, mask) if reviews.groups else []
    return Reviews(texts=_pick(reviews.texts, mask), labels=_pick(reviews.labels, mask), groups=groups, dropped={})

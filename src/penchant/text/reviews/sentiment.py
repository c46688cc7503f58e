"""How people feel, from vectors of what they wrote and, if wanted, from its words: linear heads, in any language.

It knows neither the encoder nor files: vectors come in, arrays go out. Legend: n texts, T vector width, C labels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from penchant.records.errors import ConfigError, DataError
from penchant.text.linear import PENALTIES, SOFTMAX, LinearHead, choose_head, fit_scales
from penchant.text.reviews.ngrams import NGrams

MIN_PER_LABEL = 2
"""Rows of each label that have to be there both for learning and for calibration."""

WORST_TO_BEST = (
    ("terrible", "very negative", "非常差", "很差"),
    ("negative", "neg", "bad", "no", "false", "not recommended", "差评", "差", "负面", "消极", "负", "不推荐"),
    ("neutral", "mixed", "ok", "中评", "中", "中性"),
    ("positive", "pos", "good", "yes", "true", "recommended", "好评", "好", "正面", "积极", "正", "推荐"),
    ("excellent", "very positive", "非常好", "很好"),
)
"""Words for labels whose order is known; numbers have their own."""


@dataclass(frozen=True, kw_only=True)
class Sentiment:
    """A head on vectors and, unless `words` is None, one on n-grams; their logits are added up."""

    labels: tuple[str, ...]
    vectors: LinearHead
    words: tuple[NGrams, LinearHead] | None

    def probabilities(self, texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        """Probability of each label, float64 (n, C). vectors: float32 (n, T), of the texts, by the encoder of `fit`."""
        logits = self.vectors.logits(vectors)
        if self.words is not None:
            ngrams, head = self.words
            logits = logits + head.logits(ngrams(texts))
        return SOFTMAX.probabilities(logits)

    def state(self) -> dict[str, np.ndarray]:
        """All that has to be kept beside `labels`."""
        arrays = _head_arrays("vectors", self.vectors)
        if self.words is not None:
            arrays |= {"words.idf": self.words[0].idf, **_head_arrays("words", self.words[1])}
        return arrays

    @classmethod
    def of_state(cls, labels: Sequence[str], arrays: Mapping[str, np.ndarray]) -> "Sentiment":
        """The inverse of `state`."""
        words = (NGrams(arrays["words.idf"]), _head("words", arrays)) if "words.idf" in arrays else None
        return cls(labels=tuple(labels), vectors=_head("vectors", arrays), words=words)


def fit_sentiment(
    texts: Sequence[str],
    vectors: np.ndarray,
    labels: Sequence[str],
    held_out: np.ndarray,
    *,
    words: bool = True,
    balanced: bool = False,
    vector_head: LinearHead | None = None,
    penalties: Sequence[float] = PENALTIES,
) -> Sentiment:
    """Learns on the rows outside the mask `held_out` (n,); these choose the ridge and calibrate the probabilities.

    words: a second head on n-grams, which is worth most where the encoder reads the language badly. balanced: rare labels
    weigh as much as frequent ones, so they are found more often; probabilities are then those of equally frequent labels.
    vector_head: one that was learned elsewhere, instead of a new one (`fine_tuning`).
    Raises DataError for a single label, and for labels with too few rows on either side of the mask.
    """
    names = sort_labels(set(labels))
    rows = np.array([names.index(label) for label in labels])
    _check_counts(names, rows, held_out)
    targets = np.eye(len(names))[rows]
    # Where all held-out rows are right, nothing but their number says how sure one may be (Platt, 1999).
    targets[held_out] = (held_out.sum() * targets[held_out] + 1) / (held_out.sum() + len(names))
    weights = 1 / np.bincount(rows)[rows] if balanced else np.ones(len(rows))
    train = ~held_out

    def choose(features: Any) -> LinearHead:
        sides = [(features[mask], targets[mask]) for mask in (train, held_out)]
        return choose_head(SOFTMAX, sides[0], sides[1], (weights[train], weights[held_out]), penalties)

    heads = [vector_head or _uncentred(choose, vectors, train)]
    logits = [heads[0].logits(vectors[held_out])]
    ngrams = None
    if words:
        ngrams = NGrams.fit([text for text, mine in zip(texts, train, strict=True) if mine])
        features = ngrams(texts)
        heads.append(choose(features))
        logits.append(heads[1].logits(features[held_out]))
    scales = fit_scales(SOFTMAX, logits, targets[held_out], weights[held_out])
    heads = [replace(head, scale=head.scale * float(scale)) for head, scale in zip(heads, scales, strict=True)]
    return Sentiment(labels=tuple(names), vectors=heads[0], words=None if ngrams is None else (ngrams, heads[1]))


def sort_labels(labels: set[str]) -> list[str]:
    """Numbers by size, words from worst to best where `WORST_TO_BEST` knows them all, else by alphabet.

    >>> sort_labels({"10", "9", "-1"}), sort_labels({"好评", "差评"}), sort_labels({"pos", "neg"})
    (['-1', '9', '10'], ['差评', '好评'], ['neg', 'pos'])
    """
    ranks = {label: _rank(label) for label in labels}
    known = [rank for rank in ranks.values() if rank is not None]
    return sorted(labels, key=lambda label: (ranks[label] or 0, label) if len(known) == len(labels) else (0, label))


def worth(labels: Sequence[str]) -> np.ndarray:
    """0 for the worst label, 1 for the best, the others evenly between: float64 (C,).

    Raises ConfigError for words whose order is not known.

    >>> worth(["1", "2", "3"]).tolist()
    [0.0, 0.5, 1.0]
    """
    unknown = [label for label in labels if _rank(label) is None]
    if unknown:
        raise ConfigError(
            f"What is good and what is bad must be known of each label, but not of {', '.join(map(repr, unknown))}. "
            "Name labels by numbers, or as negative, neutral, positive."
        )
    return np.linspace(0, 1, len(labels))


def _rank(label: str) -> float | None:
    """Place on a scale from bad to good, None for an unknown word."""
    try:
        return float(label)
    except ValueError:
        places = (place for place, words in enumerate(WORST_TO_BEST) if label.strip().lower() in words)
        return next(places, None)


def _check_counts(names: Sequence[str], rows: np.ndarray, held_out: np.ndarray) -> None:
    if len(names) < 2:
        raise DataError(f"Sentiment needs two labels or more, found {', '.join(names) or 'none'}. Add rows of another.")
    for name, row in zip(names, range(len(names)), strict=True):
        least = min((rows[~held_out] == row).sum(), (rows[held_out] == row).sum())
        if least < MIN_PER_LABEL:
            raise DataError(
                f"Each label needs {MIN_PER_LABEL} rows to learn from and {MIN_PER_LABEL} to calibrate on, but {name!r} has "
                f"{(rows == row).sum()} in all. Add rows, or merge labels."
            )


def _uncentred(choose: Any, vectors: np.ndarray, train: np.ndarray) -> LinearHead:
    """A head for raw vectors, learned on centred ones of length 1 on average: encoders differ in how narrow their cone is."""
    mean = vectors[train].mean(axis=0, dtype=np.float64)
    spread = float(np.sqrt(np.square(vectors[train] - mean).sum(axis=1).mean())) or 1.0
    head: LinearHead = choose((vectors - mean) / spread)
    weights = head.weights / np.float32(spread)
    return replace(head, weights=weights, bias=(head.bias - mean @ weights).astype(np.float32))


def _head_arrays(name: str, head: LinearHead) -> dict[str, np.ndarray]:
    scale = np.array([head.scale], np.float64)
    return {f"{name}.weights": head.weights, f"{name}.bias": head.bias, f"{name}.scale": scale}


def _head(name: str, arrays: Mapping[str, np.ndarray]) -> LinearHead:
    return LinearHead(
        link=SOFTMAX,
        weights=arrays[f"{name}.weights"],
        bias=arrays[f"{name}.bias"],
        scale=float(arrays[f"{name}.scale"][0]),
    )

"""How much items and people have to do with each of a set of labels: comedy, 科幻, quiet hotels.

Two readers are added up: the cosine between the vectors of label and item, which needs no example and crosses languages as far
as the encoder does, and a head learned on the items that carry the label. It knows vectors, not where they come from.
Legend: I items, K labels, T vector width, B people.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from penchant.records.errors import DataError
from penchant.records.events import Histories
from penchant.records.words import KINDS, LIKE_SHARE, NEGATIVE_KINDS
from penchant.text.linear import SIGMOID, LinearHead, choose_head, fit_head, fit_scales

MIN_ITEMS = 5
"""A label is learned from examples where so many items carry it and so many do not, and one of each is held out."""
UNSEEN = (1.0, -2.0)
"""Slope and offset of a cosine, standardised over the items, where no label has an example: only the order means something."""
HELD_OUT_SHARE = 0.25


@dataclass(frozen=True, kw_only=True)
class Interests:
    """`learned`: which labels have a head; the others go by the cosine alone."""

    labels: tuple[str, ...]
    mean: np.ndarray  # float32 (T,), of the items
    label_vectors: np.ndarray  # float32 (K, T), unit length, without what all labels share
    cosine_mean: np.ndarray  # float32 (K,), over the items
    cosine_deviation: np.ndarray  # float32 (K,)
    slopes: np.ndarray  # float32 (K,), from standardised cosine to logit
    offsets: np.ndarray  # float32 (K,)
    head: LinearHead | None
    learned: np.ndarray  # bool (K,)

    def cosines(self, vectors: np.ndarray) -> np.ndarray:
        """How near each text is to each label, in deviations from the items' mean: float64 (n, K). vectors: (n, T)."""
        raw = _unit(vectors - self.mean) @ self.label_vectors.T
        return np.asarray((raw - self.cosine_mean) / self.cosine_deviation, np.float64)

    def scores(self, vectors: np.ndarray) -> np.ndarray:
        """The probability that an item of these vectors (n, T) carries each label, float64 (n, K)."""
        logits = self.cosines(vectors) * self.slopes + self.offsets
        if self.head is not None:
            logits[:, self.learned] += self.head.logits(_unit(vectors - self.mean))
        return SIGMOID.probabilities(logits)

    def people(
        self,
        histories: Histories,
        item_scores: np.ndarray,
        text_scores: np.ndarray | None = None,
        rating_scale: tuple[float, float] | None = None,
        half_life: float = 20.0,
    ) -> np.ndarray:
        """The share of what each person likes and writes that has to do with each label, float64 (B, K); NaN without anything.

        item_scores: (I, K) of `scores`, text_scores: likewise of the histories' texts, or None. An event counts half as much
        after `half_life` later ones. Dislikes and ratings below a like are left out; a text counts whatever the rating.
        """
        weights = np.exp2(-histories.steps_back / half_life)
        met = (histories.item_rows >= 0) & (histories.item_rows < len(item_scores)) & _liked(histories, rating_scale)
        total = np.zeros((len(histories), len(self.labels)))
        mass = np.zeros(len(histories))
        for rows, mask, known in (
            (histories.item_rows, met, item_scores),
            (histories.text_rows, histories.text_rows >= 0, text_scores),
        ):
            if known is not None:
                np.add.at(total, histories.owners[mask], weights[mask, None] * known[rows[mask]])
                np.add.at(mass, histories.owners[mask], weights[mask])
        return np.divide(total, mass[:, None], out=np.full_like(total, np.nan), where=mass[:, None] > 0)


def fit_interests(
    labels: Sequence[str], label_vectors: np.ndarray, item_vectors: np.ndarray, carried: np.ndarray, seed: int = 0
) -> Interests:
    """Labels with examples get a head and are calibrated on held-out items; the others borrow the calibration of those.

    label_vectors: (K, T) and item_vectors: (I, T), of one encoder. carried: bool (I, K); a label that fewer than MIN_ITEMS items
    carry, or lack, has no examples. Raises DataError for labels that stand twice, and for none.
    """
    if len(set(labels)) < len(labels) or not labels:
        raise DataError(f"Interest labels must be one or more and distinct, found {', '.join(labels) or 'none'}.")
    blank = _by_cosine(labels, label_vectors, item_vectors)
    held_out = np.random.default_rng(seed).random(len(item_vectors)) < HELD_OUT_SHARE
    learned = _has_examples(carried, held_out)
    if not learned.any():
        return blank
    targets = carried[:, learned].astype(np.float64)
    slopes, offsets = _calibrated_cosines(blank.cosines(item_vectors)[held_out][:, learned], targets[held_out])
    features = _unit(item_vectors - blank.mean).astype(np.float64)
    head = choose_head(SIGMOID, (features[~held_out], targets[~held_out]), (features[held_out], targets[held_out]))
    cosine_logits = blank.cosines(item_vectors)[:, learned] * slopes + offsets
    say = fit_scales(SIGMOID, [cosine_logits[held_out], head.logits(features[held_out])], targets[held_out])
    return _joined(blank, learned, (slopes, offsets), head, say)


def mined_labels(tags: Sequence[Sequence[str] | None], most: int = 50, min_items: int = MIN_ITEMS) -> list[str]:
    """The commonest tags of the items, each carried by `min_items` or more, the commonest first.

    >>> mined_labels([["a", "b"], ["a"], None], min_items=2)
    ['a']
    """
    counts = Counter(tag for row in tags for tag in set(row or ()))
    common = [tag for tag in counts if counts[tag] >= min_items]
    return sorted(common, key=lambda tag: (-counts[tag], tag))[:most]


def carried_by(tags: Sequence[Sequence[str] | None], labels: Sequence[str]) -> np.ndarray:
    """Which item carries which label as a tag, whatever the case: bool (I, K).

    >>> carried_by([["Drama"], None], ["drama", "war"]).tolist()
    [[True, False], [False, False]]
    """
    places = {label.casefold(): column for column, label in enumerate(labels)}
    matrix = np.zeros((len(tags), len(labels)), bool)
    for row, words in enumerate(tags):
        matrix[row, [places[word.casefold()] for word in words or () if word.casefold() in places]] = True
    return matrix


def _by_cosine(labels: Sequence[str], label_vectors: np.ndarray, item_vectors: np.ndarray) -> Interests:
    mean = item_vectors.mean(axis=0)
    shared = label_vectors.mean(axis=0) if len(labels) > 1 else mean
    directions = _unit(label_vectors - shared)
    raw = _unit(item_vectors - mean) @ directions.T
    return Interests(
        labels=tuple(labels),
        mean=mean,
        label_vectors=directions,
        cosine_mean=raw.mean(axis=0),
        cosine_deviation=np.maximum(raw.std(axis=0), 1e-6),
        slopes=np.full(len(labels), UNSEEN[0], np.float32),
        offsets=np.full(len(labels), UNSEEN[1], np.float32),
        head=None,
        learned=np.zeros(len(labels), bool),
    )


def _calibrated_cosines(cosines: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope and offset of each label (K,), every label by itself."""
    fits = [fit_head(SIGMOID, cosines[:, [k]], targets[:, [k]], penalty=1e-3) for k in range(targets.shape[1])]
    return np.array([fit.weights[0, 0] for fit in fits]), np.array([fit.bias[0] for fit in fits])


def _joined(
    blank: Interests, learned: np.ndarray, cosine: tuple[np.ndarray, np.ndarray], head: LinearHead, say: np.ndarray
) -> Interests:
    """`say`: how much cosine and head may say where there are examples; elsewhere the cosine stands alone."""
    slopes, offsets = np.full(len(learned), cosine[0].mean()), np.full(len(learned), cosine[1].mean())
    slopes[learned], offsets[learned] = say[0] * cosine[0], say[0] * cosine[1]
    loud = LinearHead(link=SIGMOID, weights=head.weights, bias=head.bias, scale=head.scale * float(say[1]))
    return Interests(**{**vars(blank), "slopes": slopes, "offsets": offsets, "head": loud, "learned": learned})


def _has_examples(carried: np.ndarray, held_out: np.ndarray) -> np.ndarray:
    """bool (K,): enough items carry the label and enough lack it, on both sides of the split."""
    sides = [carried[held_out], ~carried[held_out], carried[~held_out], ~carried[~held_out]]
    enough = np.minimum(carried.sum(axis=0), (~carried).sum(axis=0)) >= MIN_ITEMS
    return np.asarray(enough & np.all([side.any(axis=0) for side in sides], axis=0))


def _liked(histories: Histories, rating_scale: tuple[float, float] | None) -> np.ndarray:
    """bool (N,): neither a dislike of any kind nor a rating below a like."""
    low, high = rating_scale or (0.0, 1.0)
    negative = [KINDS.index(kind) for kind in NEGATIVE_KINDS]
    enough = np.isnan(histories.values) | (histories.values >= low + LIKE_SHARE * (high - low))
    return np.asarray(enough & ~np.isin(histories.kinds, negative))


def _unit(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9))

"""Lists steered in words: each phrase of a request is matched to items by what they say and by tags whose names are close.

Vectors of phrases and tags are taken about the mean of the tags' own: short words have much in common that is no meaning. Legend:
P phrases, K tags, I items of the catalogue, E raw items, T text width.
"""

from dataclasses import dataclass

import numpy as np
import regex

from penchant.records.errors import ConfigError
from penchant.stages.encoders import ENGLISH_ALONE
from penchant.stages.item_facts import ItemFacts
from penchant.text.interests import carried_by
from penchant.text.requests import Phrase, parse_request

STRENGTH = 0.5
"""Deviations of a person's scores for one deviation of a phrase (docs/experiments.md)."""
SIGNS = {"more": 1.0, "less": -1.0, "none": -2.0, "only": 2.0}
CLOSE, SAME = 0.2, 0.5
"""Cosines from which a tag is close to a phrase, and from which the phrase stands for it."""
FEWEST_TAGS = 5
"""Their mean says what short words have in common."""
FOREIGN = regex.compile(r"[^\P{L}\p{Latin}]")
"""A letter that is not Latin."""


@dataclass(frozen=True, kw_only=True)
class Steering:
    """`pull`: float32 (I + E,), added to a person's scores, in their deviations; `allowed`: bool (I + E,), what "no", and the
    "only" of any phrase, leave where phrases stand for tags; `notes`: how each phrase was understood."""

    pull: np.ndarray
    allowed: np.ndarray | None
    notes: list[str]


def steer_by(request: str, facts: ItemFacts, strength: float = STRENGTH) -> Steering:
    """Raises: DataError for a request without phrases, ConfigError for one in a language that the encoder does not read."""
    phrases = parse_request(request)
    tags = _Tags.of(facts)
    _check_language(phrases, tags.names, facts.asking.reader.chosen.word)
    vectors = facts.asking.reader.read([phrase.text for phrase in phrases])
    closeness = tags.closeness([phrase.text for phrase in phrases], vectors)
    text = _standard(facts.vectors @ tags.about(vectors).T)
    pull = np.zeros(len(facts))
    without, only, notes = np.zeros(len(facts), bool), [], []
    for row, phrase in enumerate(phrases):
        weights = _weights(closeness[row])
        of_tags = (tags.carried * weights).max(axis=1, initial=0.0)
        pull += SIGNS[phrase.want] * _standard(text[:, row] + _standard(of_tags))
        meant = [name for name, close in zip(tags.names, closeness[row], strict=True) if close >= SAME]
        if phrase.want in ("none", "only") and meant:
            carries = tags.carried[:, closeness[row] >= SAME].any(axis=1)
            if phrase.want == "only":
                only.append(carries)
            else:
                without |= carries
        notes.append(_note(phrase, tags.names, weights))
    allowed = ~without & (np.logical_or.reduce(only) if only else np.ones(len(facts), bool))
    return Steering(pull=(strength * pull).astype(np.float32), allowed=None if allowed.all() else allowed, notes=notes)


@dataclass(frozen=True, kw_only=True)
class _Tags:
    """`vectors`: (K, T), raw; `carried`: bool (I + E, K)."""

    facts: ItemFacts
    names: list[str]
    vectors: np.ndarray
    carried: np.ndarray

    @classmethod
    def of(cls, facts: ItemFacts) -> "_Tags":
        names, vectors = facts.asking.tags
        carried = facts.asking.carried
        if facts.new.rows:
            carried = np.concatenate([carried, carried_by([row["tags"] for row in facts.new.rows], names)])
        return cls(facts=facts, names=names, vectors=vectors, carried=carried)

    def about(self, vectors: np.ndarray) -> np.ndarray:
        """Directions of short texts, (P, T)."""
        enough = len(self.names) >= FEWEST_TAGS
        return _unit(vectors - (self.vectors.mean(axis=0) if enough else self.facts.text_knn.arrays["mean"]))

    def closeness(self, texts: list[str], vectors: np.ndarray) -> np.ndarray:
        """How near each phrase is to each tag's name, float64 (P, K), 1 for the name itself; without many tags that alone."""
        same = np.array([[text.casefold() == name.casefold() for name in self.names] for text in texts])
        if len(self.names) < FEWEST_TAGS:
            return same.reshape(len(texts), len(self.names)).astype(np.float64)
        return np.where(same, 1.0, self.about(vectors) @ self.about(self.vectors).T)


def _weights(closeness: np.ndarray) -> np.ndarray:
    """Of the tags (K,) that are close: 1 for the nearest, down to 0 at half of its closeness."""
    best = closeness.max(initial=0.0)
    if best < CLOSE:
        return np.zeros(len(closeness))
    return np.where(closeness >= CLOSE, np.clip(2 * closeness / best - 1, 0, 1), 0)


def _note(phrase: Phrase, names: list[str], weights: np.ndarray) -> str:
    order = [place for place in np.argsort(-weights, kind="stable") if weights[place] > 0]
    told = ", ".join(names[place] for place in order[:3])
    return f"{phrase.want} {phrase.text!r}: {f'tags {told}, and what texts say' if told else 'what texts say'}"


def _check_language(phrases: list[Phrase], names: list[str], encoder: str) -> None:
    known = {name.casefold() for name in names}
    foreign = [phrase.text for phrase in phrases if FOREIGN.search(phrase.text) and phrase.text.casefold() not in known]
    if foreign and encoder in ENGLISH_ALONE:
        raise ConfigError(
            f"The model's encoder {encoder!r} reads English alone, and {foreign[0]!r} is none and no tag of an item. "
            "Ask in English, or learn with a multilingual encoder: `penchant train --encoder e5-small`."
        )


def _standard(values: np.ndarray) -> np.ndarray:
    """Mean 0 and deviation 1 over the items, along the first axis; 0 where all are equal."""
    deviation = values.std(axis=0)
    return np.asarray((values - values.mean(axis=0)) / np.where(deviation > 1e-9, deviation, np.inf))


def _unit(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9))

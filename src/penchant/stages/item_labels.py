"""Interest labels of a catalogue: given or mined, with what says how much each item has to do with them. Knows no event."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from penchant.records.errors import ConfigError, DataError
from penchant.stages.reader import TextReader
from penchant.tasks.task import LabelledItems
from penchant.text.interests import Interests, carried_by, fit_interests, mined_labels
from penchant.text.keyphrases import keyphrases
from penchant.text.segment import Segmenter
from penchant.text.templates import item_texts

NUM_LABELS = 50


@dataclass(frozen=True, kw_only=True)
class ItemLabels:
    """`carried`: bool (I, K), the examples; `vectors`: float32 (K, T), of the labels."""

    interests: Interests
    carried: np.ndarray
    vectors: np.ndarray


def find_labels(
    items: pl.DataFrame,
    reader: TextReader,
    item_vectors: np.ndarray,
    labels: Sequence[str] | None = None,
    seed: int = 0,
    segmenter: Segmenter | None = None,
) -> ItemLabels:
    """The given labels, in any language that the encoder reads; else the commonest tags, else keyphrases of the items' texts. An
    item carries a label that is one of its tags, or, for keyphrases, stands in its text.

    segmenter: how texts are cut for keyphrases. Raises DataError where nothing was given and nothing is found, ConfigError
    for a segmenter where labels are given or tags.
    """
    chosen, carried = label_examples(items, labels, segmenter)
    vectors = reader.read(chosen)
    interests = fit_interests(chosen, vectors, item_vectors, carried, seed)
    return ItemLabels(interests=interests, carried=carried, vectors=vectors)


def label_examples(
    items: pl.DataFrame, labels: Sequence[str] | None = None, segmenter: Segmenter | None = None
) -> tuple[list[str], np.ndarray]:
    """The labels of `find_labels`, and which item carries which, bool (I, K). Raises as it does."""
    tags = items["tags"].to_list()
    chosen = list(labels or mined_labels(tags, NUM_LABELS))
    if chosen and segmenter is not None:
        raise ConfigError(
            "Own words are for labels that are mined from texts, but labels or tags are there. Leave them out."
        )
    if chosen:
        return chosen, carried_by(tags, chosen)
    texts = item_texts(items)
    chosen = [found.phrase for found in keyphrases(texts, NUM_LABELS, segmenter=segmenter)]
    if not chosen:
        raise DataError("The items have no tags and no phrases that could be labels. Give labels.")
    return chosen, np.array([[label.casefold() in text.casefold() for label in chosen] for text in texts], bool)


def labelled_items(
    items: pl.DataFrame, reader: TextReader, item_vectors: np.ndarray, labels: tuple[str, ...]
) -> LabelledItems:
    """How much the items have to do with the labels, or, where none are given, with those that are found."""
    found = find_labels(items, reader, item_vectors, labels)
    scores = found.interests.scores(item_vectors).astype(np.float32)
    return LabelledItems(names=found.interests.labels, scores=scores)

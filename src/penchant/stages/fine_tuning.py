"""What of the language model learns along with the network, by a word; afterwards everything is read by what it became.

Frozen vectors come out of a cache; a model that learns reads the texts of each batch anew, which costs a hundred times as much
(docs/experiments.md). It is kept in the artifact, whole, and new items and searches are read by it.
"""

import tempfile
import weakref
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from penchant.data.rows import event_texts
from penchant.evaluation.cases import Cases
from penchant.models.live_texts import LiveTexts, Texts
from penchant.models.network import Network
from penchant.records.errors import ConfigError
from penchant.stages.encode import Encoded
from penchant.stages.encoders import ChosenEncoder
from penchant.stages.reader import TextReader, clean_texts
from penchant.text.encoders.transformer import TransformerEncoder
from penchant.text.templates import item_texts
from penchant.text.tunable import TunableEncoder
from penchant.training.settings import FROZEN, TrainingConfig

RANKS = {"lora": 8, "full": 0}
"""Of LoRA; 0 for all weights."""
RATES = {"lora": 2e-4, "full": 2e-5}
WORDS = (FROZEN, *RANKS)


def make_live(encoded: Encoded, config: TrainingConfig) -> LiveTexts | None:
    """The texts and the model that is to read them while it learns; None where it stays frozen.

    Raises: ConfigError for an encoder that can't learn, items with pictures, or items that are not read as one text.
    """
    if config.fine_tune == FROZEN:
        return None
    reader = encoded.reader
    encoder = reader.chosen.encoder
    if reader.pictures is not None:
        raise ConfigError(
            f"Fine-tuning reads texts alone, and these items have pictures. Leave out their column, or take {FROZEN}."
        )
    if not isinstance(encoder, TransformerEncoder):
        raise ConfigError(
            f"Only transformers can be fine-tuned, and {reader.chosen.word!r} is none. Take minilm, or fine_tune={FROZEN}."
        )
    if reader.join != "concat":
        raise ConfigError(f"Fine-tuning reads an item as one text, found join {reader.join!r}. Take concat.")
    tunable = TunableEncoder(encoder, RANKS[config.fine_tune])
    vectors = (encoded.item_vectors, np.zeros((0, encoder.dimension), np.float32))
    if encoded.text_vectors is not None:
        vectors = (encoded.item_vectors, encoded.text_vectors)
    items, said = (
        Texts(texts, torch.from_numpy(read.copy())) for texts, read in zip(_texts(encoded), vectors, strict=True)
    )
    return LiveTexts(tunable, items, said, config.fine_tune_items, config.fine_tune_rate or RATES[config.fine_tune])


def as_read_now(network: Network, encoded: Encoded, cases: Cases) -> tuple[Encoded, Cases]:
    """With the texts of events as a language model that still learns read them last; as they are where none does."""
    if network.live is None or encoded.text_vectors is None:
        return encoded, cases
    now = replace(encoded, text_vectors=network.live.said.vectors.cpu().numpy())
    return now, retold(cases, now)


def retold(cases: Cases, encoded: Encoded) -> Cases:
    """The same cases with the texts of `encoded`."""
    return replace(cases, histories=replace(cases.histories, text_vectors=encoded.text_vectors))


def settled(encoded: Encoded, network: Network) -> Encoded:
    """What the language model has become reads everything, the network's catalogue too; nothing learns along any more."""
    if network.live is None:
        return encoded
    reader = encoded.reader
    chosen = _kept(network.live, reader.chosen.word)
    items, said = _texts(encoded)
    vectors = chosen.encoder.encode(items)
    network.items.renew(torch.from_numpy(vectors))
    network.live = None
    return replace(
        encoded,
        item_vectors=vectors,
        text_vectors=None if encoded.text_vectors is None else chosen.encoder.encode(said),
        reader=TextReader(chosen, reader.scrub, reader.join, script=reader.script),
    )


def _kept(live: LiveTexts, word: str) -> ChosenEncoder:
    """The tuned model in a folder that goes when nobody needs it any more."""
    draft = tempfile.TemporaryDirectory(prefix="penchant-tuned-")
    live.encoder.save(Path(draft.name))
    chosen = ChosenEncoder(word, Path(draft.name))
    weakref.finalize(chosen, draft.cleanup)
    return chosen


def _texts(encoded: Encoded) -> tuple[list[str], list[str]]:
    """Of items and of events, in the order of their rows, as the encoder gets to see them."""

    def shown(texts: Sequence[str]) -> list[str]:
        return clean_texts(texts, encoded.reader.scrub, script=encoded.reader.script)

    said = event_texts(encoded.data, encoded.users, encoded.items) if encoded.text_vectors is not None else []
    return shown(item_texts(encoded.data.items)), shown(said)

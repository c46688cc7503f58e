"""From tables to rows and vectors: vocabularies, events, item texts read by a language model."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from penchant.assets.resolve import default_cache, resolve
from penchant.data.rows import event_texts, to_events
from penchant.records.data import Data
from penchant.records.events import Events
from penchant.records.vocabulary import Vocabulary
from penchant.tasks.task import Facts
from penchant.text.encoders.hashing import HashingEncoder
from penchant.text.encoders.transformer import TransformerEncoder
from penchant.text.templates import item_texts
from penchant.vectors.encode import encode_all, store_for
from penchant.vectors.encoder import Encoder

DEFAULT_ENCODER = "all-MiniLM-L6-v2"


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """All that learning needs. `tag_names` are the columns of `facts.item_tags`."""

    data: Data
    users: Vocabulary
    items: Vocabulary
    events: Events
    item_vectors: np.ndarray  # float32 (I, T)
    text_vectors: np.ndarray | None  # float32 (texts of events, T)
    facts: Facts
    tag_names: list[str]
    encoder: str


def make_encoder(name: str) -> Encoder:
    """An encoder by name: "hashing" (no model), or a named or local language model."""
    if name == "hashing":
        return HashingEncoder()
    return TransformerEncoder(resolve(name).path, name)


def read_texts(texts: list[str], encoder: Encoder, on_progress: Callable[[int, int], None] | None = None) -> np.ndarray:
    """Vectors of texts, float32 (n, T), by way of the shared store: no text is read twice."""
    store = store_for(default_cache() / "vectors", encoder)
    return encode_all(texts, encoder, store, on_progress=on_progress)


def encode(data: Data, encoder_name: str, on_progress: Callable[[int, int], None] | None = None) -> Encoded:
    """Rows, vectors and tags of the tables."""
    encoder = make_encoder(encoder_name)
    users = Vocabulary(data.users["user_id"].to_list())
    items = Vocabulary(data.items["item_id"].to_list())
    texts = event_texts(data, users, items)
    names, tags = _tags(data)
    return Encoded(
        data=data,
        users=users,
        items=items,
        events=to_events(data, users, items),
        item_vectors=read_texts(item_texts(data.items), encoder, on_progress),
        text_vectors=read_texts(texts, encoder, on_progress) if texts else None,
        facts=Facts(rating_scale=data.rating_scale or (0.0, 1.0), item_tags=tags),
        tag_names=names,
        encoder=encoder_name,
    )


def _tags(data: Data, most: int = 50) -> tuple[list[str], np.ndarray]:
    """The `most` commonest tags and which item has which, float32 (I, T)."""
    lists = [tags or [] for tags in data.items["tags"].to_list()]
    counts: dict[str, int] = {}
    for tags in lists:
        for tag in tags:
            counts[tag] = counts.get(tag, 0) + 1
    names = sorted(counts, key=lambda tag: (-counts[tag], tag))[:most]
    place = {tag: column for column, tag in enumerate(names)}
    matrix = np.zeros((len(lists), len(names)), np.float32)
    for row, tags in enumerate(lists):
        matrix[row, [place[tag] for tag in tags if tag in place]] = 1
    return names, matrix

"""From tables to rows and vectors: vocabularies, events, item texts read by a language model."""

from dataclasses import dataclass
from functools import cache, partial
from typing import Literal

import numpy as np

from penchant.data.item_numbers import ItemNumbers
from penchant.data.leaks import following
from penchant.data.rows import event_parts, event_texts, to_events
from penchant.records.data import Data
from penchant.records.events import Events
from penchant.records.vocabulary import Vocabulary
from penchant.stages.domains import Domains, with_domains
from penchant.stages.encoders import AUTO, word_for
from penchant.stages.item_labels import labelled_items
from penchant.stages.pictures import Pictures
from penchant.stages.reader import OnProgress, TextReader, make_reader
from penchant.tasks.task import Facts
from penchant.text.cutting import Cutting
from penchant.text.normalise import Script
from penchant.text.templates import item_texts


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
    item_numbers: ItemNumbers
    item_domains: np.ndarray  # int64 (I,), the place of each item's domain in `domain_names`
    domain_names: list[str]
    reader: TextReader
    parts: np.ndarray | None = None  # "train", "valid" or "test" of each event, where the source says so


def encode(
    data: Data,
    word: str = AUTO,
    scrub: bool = True,
    join: str = "concat",
    on_progress: OnProgress | None = None,
    script: Script = "keep",
    cutting: Cutting | None = None,
    pictures: Pictures | Literal["fit"] | None = "fit",
) -> Encoded:
    """Rows, vectors and tags of the tables, read by the encoder that `word` names.

    scrub: personal data is replaced before the encoder sees it. join: how the texts of an item become one vector, see `JOINS`.
    script, cutting: see `make_reader`. pictures: how to read them; "fit" learns it of these; None: nobody looks.
    Raises: ConfigError for an unknown encoder or join, AssetError for one that cannot be had.
    """
    data = with_domains(data)
    users = Vocabulary(data.users["user_id"].to_list())
    items = Vocabulary(data.items["item_id"].to_list())
    texts, rows = event_texts(data, users, items), data.items.to_dicts()
    own = item_texts(data.items)
    reader = make_reader(own, word_for(own, texts) if word == AUTO else word, scrub, join, script, cutting)
    reader.fit(rows)
    if pictures == "fit":
        reader.look(rows, data.folder)
    else:
        reader.pictures = pictures
    names, tags = item_tags(data)
    item_vectors = reader.read_items(rows, on_progress)
    domains = Domains.of(data.items)
    return Encoded(
        data=data,
        users=users,
        items=items,
        events=to_events(data, users, items),
        item_vectors=item_vectors,
        text_vectors=reader.read(texts, on_progress) if texts else None,
        facts=Facts(
            rating_scale=data.rating_scale or (0.0, 1.0),
            item_tags=tags,
            tag_names=tuple(names),
            texts=texts,
            interests=cache(partial(labelled_items, data.items, reader, item_vectors)),
        ),
        tag_names=names,
        item_numbers=_numbers(data),
        item_domains=domains.places,
        domain_names=domains.names,
        reader=reader,
        parts=event_parts(data, users, items),
    )


def _numbers(data: Data) -> ItemNumbers:
    """Those that no later event is told by."""
    numbers = ItemNumbers.of(data.items)
    return numbers.without(following(data, numbers.columns))


def item_tags(data: Data, most: int = 50) -> tuple[list[str], np.ndarray]:
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

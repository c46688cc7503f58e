"""Encoding what is not yet encoded: resumable, and shared by everything that names the same model."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from urllib.parse import quote

import numpy as np

from penchant.vectors.encoder import Encoder
from penchant.vectors.store import VectorStore, key_of

FIRST_BATCH, LARGEST_BATCH = 256, 16_384
SECONDS = (0.5, 5.0)
"""What a batch may take: less costs time on the disk, more is much to lose when the run is killed."""


HANDFUL = 16
"""Of so few texts it is better to encode one twice than to let somebody's search wait for another process's batch."""


def store_for(root: Path, encoder: Encoder) -> VectorStore:
    """The store of the encoder's model: a folder of its own below `root`."""
    return VectorStore(folder_of(root, encoder), encoder.dimension)


def folder_of(root: Path, encoder: Encoder) -> Path:
    """Where that is."""
    return Path(root) / quote(encoder.model_id, safe="")


def encode_all(
    texts: Sequence[str],
    encoder: Encoder,
    store: VectorStore,
    batch: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> np.ndarray:
    """Vectors of all texts, float32 (n, dimension), rounded to half precision as the store holds them.

    Only texts without a vector are encoded, each once, even if another process is at the same texts (but a handful
    of texts does not wait for it), `batch` at a time; None: as many as take some seconds. Every finished batch is on
    the disk, so that a run that was killed goes on where it was. `on_progress(done, total)` counts distinct texts; its
    first call tells how many were there.
    """
    keys = [key_of(encoder.model_id, text) for text in texts]
    missing = store.missing(keys)
    done, total = len(set(keys)) - len(missing), len(set(keys))
    report = on_progress or _say_nothing
    report(done, total)
    for chunk in _chunks(missing, batch):
        _encode_missing([keys[position] for position in chunk], [texts[position] for position in chunk], encoder, store)
        done += len(chunk)
        report(done, total)
    return store.read(keys)


def new_texts(texts: Sequence[str], encoder: Encoder, store: VectorStore) -> list[str]:
    """The distinct texts that have no vector yet: what `encode_all` would encode, and `cost.estimate` tells the cost of."""
    return [texts[position] for position in store.missing([key_of(encoder.model_id, text) for text in texts])]


def encode_new(texts: Iterable[str], encoder: Encoder, store: VectorStore, batch: int = 4096) -> int:
    """Sees to it that the store has the vector of every text, and holds no more than `batch` texts at a time.

    For texts by the million, from a file or a generator; their vectors are then at `store.rows` of `store.vectors`.
    Gives how many were encoded here.
    """
    num_encoded, source = 0, iter(texts)
    while block := list(islice(source, batch)):
        keys = [key_of(encoder.model_id, text) for text in block]
        if len(store.missing(keys)):
            num_encoded += _encode_missing(keys, block, encoder, store)
    return num_encoded


def _encode_missing(keys: Sequence[bytes], texts: Sequence[str], encoder: Encoder, store: VectorStore) -> int:
    """Encodes those of the texts that no other process has encoded in the meantime."""
    with store.turn(wait=len(keys) > HANDFUL):
        left = store.missing(keys).tolist()
        if left:
            store.append([keys[position] for position in left], encoder.encode([texts[position] for position in left]))
    return len(left)


def _chunks(positions: np.ndarray, batch: int | None) -> Iterator[list[int]]:
    """The positions, `batch` at a time; None: as many as the caller is busy with for some seconds."""
    size = batch or FIRST_BATCH
    start = 0
    while start < len(positions):
        began = time.monotonic()
        yield positions[start : start + size].tolist()
        start += size
        if batch is None:
            size = _next_size(size, time.monotonic() - began)


def _next_size(size: int, seconds: float) -> int:
    if seconds < SECONDS[0]:
        return min(2 * size, LARGEST_BATCH)
    return max(size // 2, 1) if seconds > SECONDS[1] else size


def _say_nothing(done: int, total: int) -> None:
    """Progress that nobody asked for."""

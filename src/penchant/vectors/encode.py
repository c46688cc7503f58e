"""Encoding what is not yet encoded: resumable, and shared by everything that names the same model."""

from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote

import numpy as np

from penchant.vectors.encoder import Encoder
from penchant.vectors.store import VectorStore, key_of


def store_for(root: Path, encoder: Encoder) -> VectorStore:
    """The store of the encoder's model: a folder of its own below `root`."""
    return VectorStore(Path(root) / quote(encoder.model_id, safe=""), encoder.dimension)


def encode_all(
    texts: Sequence[str],
    encoder: Encoder,
    store: VectorStore,
    batch: int = 256,
    on_progress: Callable[[int, int], None] | None = None,
) -> np.ndarray:
    """Vectors of all texts, float32 (n, dimension), rounded to half precision as the store holds them.

    Only texts without a vector are encoded, each once, `batch` at a time; every finished batch is on the disk, so
    that a run that was killed goes on where it was. `on_progress(done, total)` counts distinct texts; its first call
    tells how many were there already.
    """
    keys = [key_of(encoder.model_id, text) for text in texts]
    missing = store.missing(keys)
    total = len(set(keys))
    report = on_progress or _say_nothing
    report(total - len(missing), total)
    for start in range(0, len(missing), batch):
        chunk = missing[start : start + batch]
        store.append([keys[position] for position in chunk], encoder.encode([texts[position] for position in chunk]))
        report(total - max(len(missing) - start - batch, 0), total)
    return store.read(keys)


def _say_nothing(done: int, total: int) -> None:
    """Progress that nobody asked for."""

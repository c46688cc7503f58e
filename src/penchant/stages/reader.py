"""How texts become vectors: made readable, personal data out, through the chosen encoder, by way of the shared store."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl

from penchant.assets.resolve import default_cache
from penchant.stages.encoders import ChosenEncoder
from penchant.text.normalise import normalise
from penchant.text.scrub import scrub as scrub_column
from penchant.vectors.encode import encode_all, store_for
from penchant.vectors.encoder import Encoder


def read_texts(
    texts: Sequence[str],
    encoder: Encoder,
    on_progress: Callable[[int, int], None] | None = None,
    scrub: bool = True,
    found: Counter[str] | None = None,
) -> np.ndarray:
    """Vectors of texts, float32 (n, T); no text is read twice. `found` counts the personal data that was replaced."""
    column = normalise(pl.Series("text", texts, dtype=pl.String))
    if scrub:
        column, counts = scrub_column(column)
        if found is not None:
            found.update(counts)
    store = store_for(default_cache() / "vectors", encoder)
    return encode_all(column.to_list(), encoder, store, on_progress=on_progress)


class TextReader:
    """One way to read for a whole model: what it learned from and what it is asked later are read alike.

    `scrub`: whether personal data is replaced before the encoder sees it. `found` counts what was, by kind.
    """

    def __init__(self, chosen: ChosenEncoder, scrub: bool = True) -> None:
        self.chosen = chosen
        self.scrub = scrub
        self.found: Counter[str] = Counter()

    def read(self, texts: Sequence[str], on_progress: Callable[[int, int], None] | None = None) -> np.ndarray:
        """Vectors of texts, float32 (n, T)."""
        return read_texts(texts, self.chosen.encoder, on_progress, self.scrub, self.found)

    def about(self) -> dict[str, Any]:
        """What brings this reader back."""
        return {"word": self.chosen.word, "model_id": self.chosen.encoder.model_id, "scrub": self.scrub}

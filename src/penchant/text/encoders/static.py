"""Static embeddings as model2vec saves them: one vector a token, averaged; tens of thousands of texts a second."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from penchant.records.errors import AssetError
from penchant.text.encoders.checkpoint import read_settings, read_tensors, read_tokenizer
from penchant.text.encoders.texts import clean, unit_length

if TYPE_CHECKING:
    from tokenizers import Tokenizer

BLOCK_TEXTS = 1024
TABLE_NAMES = {"embeddings", "embedding.weight"}


class StaticEncoder:
    """Reads a folder of model2vec (Tulkens & van Dongen, 2024) with NumPy alone.

    `path`: a folder with tokenizer.json and model.safetensors, or that of a sentence-transformers model which is one
    StaticEmbedding. `max_tokens`: longer texts are cut off there. A text without a known token gets the same
    direction as every other such text. The weights are loaded by the first text.
    Raises AssetError for a folder that lacks a file or is damaged.
    """

    def __init__(self, path: Path, model_id: str, max_tokens: int = 512) -> None:
        folder = static_folder(Path(path))
        if folder is None:
            raise AssetError(f"{path} holds no static embeddings. Name a folder that model2vec wrote.")
        self.path = folder
        self.model_id = f"{model_id}-{max_tokens}"
        self._max_tokens = max_tokens

    @property
    def dimension(self) -> int:
        return int(self._tensors["embeddings"].shape[1])

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of unit length, float32 (n, dimension)."""
        blocks = [self._encode(texts[start : start + BLOCK_TEXTS]) for start in range(0, len(texts), BLOCK_TEXTS)]
        return np.concatenate([np.empty((0, self.dimension), np.float32), *blocks])

    def _encode(self, texts: Sequence[str]) -> np.ndarray:
        from scipy.sparse import csr_array  # type: ignore[import-untyped]

        encodings = self._tokenizer.encode_batch_fast(clean(texts), add_special_tokens=False)
        tokens = [[token for token in encoding.ids if token != self._unknown] for encoding in encodings]
        flat = np.fromiter((token for ids in tokens for token in ids), np.int64)
        ends = np.cumsum([0, *map(len, tokens)])
        weights, rows = self._tensors.get("weights"), self._tensors.get("mapping")
        values = np.ones(len(flat), np.float32) if weights is None else weights[flat].astype(np.float32)
        table = self._tensors["embeddings"]
        columns = flat if rows is None else rows[flat]
        return unit_length(csr_array((values, columns, ends), shape=(len(texts), len(table))) @ table)

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        return read_tokenizer(self.path, self._max_tokens)

    @cached_property
    def _unknown(self) -> int | None:
        """The token that stands for what is not known and would only blur the average."""
        model: Any = self._tokenizer.model
        if hasattr(model, "unk_token"):
            return None if model.unk_token is None else self._tokenizer.token_to_id(model.unk_token)
        return read_settings(self.path / "tokenizer.json")["model"].get("unk_id")

    @cached_property
    def _tensors(self) -> dict[str, np.ndarray]:
        tensors = read_tensors(self.path / "model.safetensors")
        (name,) = TABLE_NAMES & set(tensors)
        return tensors | {"embeddings": tensors[name].astype(np.float32)}


def static_folder(path: Path) -> Path | None:
    """Where, in a folder, the table and the tokenizer of static embeddings lie; None where there are none."""
    from safetensors import SafetensorError, safe_open

    for folder in (path, path / "0_StaticEmbedding"):
        weights = folder / "model.safetensors"
        if not (weights.is_file() and (folder / "tokenizer.json").is_file()):
            continue
        try:
            with safe_open(weights, framework="numpy") as opened:
                if len(TABLE_NAMES & set(opened.keys())) == 1:
                    return folder
        except SafetensorError as error:
            raise AssetError(f"{weights} cannot be loaded ({error}). Get the model again.") from error
    return None

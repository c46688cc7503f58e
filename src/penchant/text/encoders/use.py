"""Universal Sentence Encoder, multilingual, version 3 (Yang et al., 2020): convolutions over n-grams, in NumPy."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from penchant.text.encoders.checkpoint import read_tensors, read_tokenizer
from penchant.text.encoders.texts import clean, pack

if TYPE_CHECKING:
    from tokenizers import Tokenizer

BLOCKS = 17
"""Rows of the embedding table, at 8 bits, take turns in 17 scales."""
BRANCHES = {"2": (2, 0), "3": (3, 1), "5": (5, 2)}
"""Name of each convolution: how many tokens wide, and how many of them before the one in question."""
EPSILON = 1e-12


class UniversalEncoder:
    """The light encoder for 16 languages, Chinese and English among them: no torch, 100 MB, best on short texts.

    `path`: the folder of the asset "use-multilingual". `max_tokens`: longer texts are cut off there. `token_budget`:
    most tokens in one pass. The weights are loaded by the first text. Raises AssetError for a damaged folder.
    """

    dimension = 512

    def __init__(self, path: Path, model_id: str, max_tokens: int = 128, token_budget: int = 512) -> None:
        self.path = Path(path)
        self.model_id = f"{model_id}-{max_tokens}"
        self._max_tokens = max_tokens
        self._token_budget = token_budget

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of unit length, float32 (n, 512)."""
        vectors = np.empty((len(texts), self.dimension), np.float32)
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(clean(texts))]
        order = sorted(range(len(tokens)), key=lambda position: len(tokens[position]))
        for batch in pack(order, [len(ids) for ids in tokens], self._token_budget):
            vectors[batch] = self._forward([tokens[position] for position in batch])
        return vectors

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        return read_tokenizer(self.path, self._max_tokens)

    @cached_property
    def _weights(self) -> dict[str, np.ndarray]:
        return read_tensors(self.path / "model.safetensors")

    def _forward(self, tokens: list[list[int]]) -> np.ndarray:
        """The tokens of all texts lie one after another, P in all; (texts, 512)."""
        weights = self._weights
        lengths = np.array([len(ids) for ids in tokens])
        ids_P = np.concatenate([np.array(ids) for ids in tokens])
        blocks_P1 = (ids_P % BLOCKS)[:, None]
        words_PD = weights["table"][ids_P] * weights["scale"][blocks_P1] + weights["lo"][blocks_P1]
        states = np.split(self._projected(words_PD), len(BRANCHES), axis=1)
        branches = [self._branch(states_PH, lengths, name) for name, states_PH in zip(BRANCHES, states, strict=True)]
        features_PF = _standardised(np.concatenate([words_PD, *branches], axis=1), weights["ln_g"], weights["ln_b"])
        starts = np.cumsum(lengths) - lengths
        sums = np.add.reduceat(features_PF, starts, axis=0) @ weights["cnn_W"] + lengths[:, None] * weights["cnn_b"]
        return self._head((sums / np.sqrt(lengths)[:, None]).astype(np.float32))

    def _projected(self, words_PD: np.ndarray) -> np.ndarray:
        """What enters the branches, side by side and normalised together, (P, 3 * 256)."""
        matrix, bias, gain, shift = (
            np.concatenate([self._weights[f"{part}{name}"] for name in BRANCHES], axis=-1)
            for part in ("proj", "proj_b", "ln_g", "ln_b")
        )
        return _standardised(words_PD @ matrix + bias, gain, shift)

    def _branch(self, states: np.ndarray, lengths: np.ndarray, name: str) -> np.ndarray:
        """Two convolutions with a way around each, (P, 256)."""
        weights, windows = self._weights, _windows(lengths, *BRANCHES[name])
        for layer in ("1", "2"):
            padded = np.concatenate([states, np.zeros_like(states[:1])])
            flat = padded[windows].reshape(len(states), -1)
            states = states + np.maximum(flat @ weights[f"w{layer}_{name}"] + weights[f"b{layer}_{name}"], 0)
        return states

    def _head(self, means: np.ndarray) -> np.ndarray:
        weights = self._weights
        hidden = np.maximum(means @ weights["p1"] + np.maximum(means @ weights["d0"], 0) @ weights["d1"], 0)
        out = np.tanh(hidden @ weights["p3"] + np.maximum(hidden @ weights["d2"], 0) @ weights["d3"])
        return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), EPSILON)


def _windows(lengths: np.ndarray, width: int, before: int) -> np.ndarray:
    """(P, width) positions around each position of its own text; what lies outside is position P, which holds zeros.

    >>> _windows(np.array([2, 1]), width=3, before=1).tolist()
    [[3, 0, 1], [0, 1, 3], [3, 2, 3]]
    """
    ends = np.cumsum(lengths)
    around = np.arange(ends[-1])[:, None] + np.arange(-before, width - before)
    inside = (around >= np.repeat(ends - lengths, lengths)[:, None]) & (around < np.repeat(ends, lengths)[:, None])
    return np.where(inside, around, ends[-1])


def _standardised(values: np.ndarray, gain: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Layer normalisation of each row."""
    centred = values - values.mean(axis=1, keepdims=True)
    return centred / np.sqrt(np.square(centred).mean(axis=1, keepdims=True) + EPSILON) * gain + bias

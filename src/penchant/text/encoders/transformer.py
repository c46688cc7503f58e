"""Any encoder that transformers can load from a folder of safetensors: tokens, model, pooling, unit length."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from penchant.records.errors import AssetError, ConfigError, suggestion

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor


class TransformerEncoder:
    """Texts to unit vectors with a transformer, float32, on the CPU.

    `path`: a folder with config.json, tokenizer.json and safetensors; no code from it is run and nothing is fetched.
    `pooling`: "mean" of the token vectors, or "cls", the first one; models differ in what they were trained for.
    `max_tokens`: longer texts are cut off there. `token_budget`: most tokens, padding included, in one forward pass;
    about 2048 is fastest on a CPU.

    The libraries and the weights are loaded by the first text. `model_id` adds pooling and max_tokens to the name
    given, for the vectors depend on them.

    Raises AssetError for a folder that lacks a file, ConfigError for an unknown pooling or too many tokens.
    """

    def __init__(
        self, path: Path, model_id: str, pooling: str = "mean", max_tokens: int = 128, token_budget: int = 2048
    ) -> None:
        if pooling not in POOLINGS:
            raise ConfigError(f"There is no pooling {pooling!r}. {suggestion(pooling, POOLINGS)}")
        self.path = Path(path)
        self.model_id = f"{model_id}-{pooling}-{max_tokens}"
        self._config = _read_config(self.path)
        most = self._config.get("max_position_embeddings", max_tokens)
        if not 0 < max_tokens <= most:
            raise ConfigError(f"max_tokens must be between 1 and {most} for {model_id}, found {max_tokens}.")
        self._pool = POOLINGS[pooling]
        self._max_tokens = max_tokens
        self._token_budget = token_budget

    @property
    def dimension(self) -> int:
        return int(self._config["hidden_size"])

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of unit length, float32 (n, dimension), whatever the texts are batched with."""
        vectors = np.empty((len(texts), self.dimension), np.float32)
        if not texts:
            return vectors
        tokens = self._tokenize(texts)
        order = sorted(range(len(tokens)), key=lambda position: len(tokens[position]))
        for batch in pack(order, [len(ids) for ids in tokens], self._token_budget):
            vectors[batch] = self._forward([tokens[position] for position in batch])
        return vectors

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self.path / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(self._max_tokens)
        return tokenizer

    @cached_property
    def _model(self) -> Any:
        import torch
        from transformers import AutoModel

        try:
            with _without_progress_bar():
                model, info = AutoModel.from_pretrained(
                    self.path,
                    local_files_only=True,
                    use_safetensors=True,
                    trust_remote_code=False,
                    dtype=torch.float32,
                    output_loading_info=True,
                )
        except Exception as error:  # damaged files fail in as many ways as there are libraries below
            raise AssetError(f"The model in {self.path} cannot be loaded ({error}). Get it again.") from error
        absent = sorted(name for name in info["missing_keys"] if "pooler" not in name)
        if absent:
            raise AssetError(
                f"The model in {self.path} lacks {len(absent)} weights, such as {absent[0]}, and would give noise. "
                "Get it again."
            )
        return model.eval()

    def _tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        # Half a surrogate pair, as JSON may carry, is no text for the tokenizer.
        clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        return [encoding.ids or [self._pad] for encoding in self._tokenizer.encode_batch(clean)]

    @property
    def _pad(self) -> int:
        return int(self._config.get("pad_token_id") or 0)

    def _forward(self, tokens: list[list[int]]) -> np.ndarray:
        """B texts of at most L tokens to (B, D)."""
        import torch

        width = max(map(len, tokens))
        ids_BL = torch.tensor([ids + [self._pad] * (width - len(ids)) for ids in tokens])
        mask_BL = torch.tensor([[1] * len(ids) + [0] * (width - len(ids)) for ids in tokens])
        with torch.inference_mode():
            states_BLD = self._model(input_ids=ids_BL, attention_mask=mask_BL).last_hidden_state
            pooled_BD = torch.nn.functional.normalize(self._pool(states_BLD, mask_BL), dim=1)
        return np.asarray(pooled_BD.numpy(), np.float32)


def pack(order: Sequence[int], lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Cuts `order`, shortest first, into batches of at most `budget` tokens with padding; at least one text each.

    >>> list(pack([2, 0, 1], lengths=[3, 5, 1], budget=6))
    [[2, 0], [1]]
    """
    batch: list[int] = []
    for position in order:
        if batch and (len(batch) + 1) * lengths[position] > budget:
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch


def _read_config(path: Path) -> dict[str, Any]:
    absent = [name for name in ("config.json", "tokenizer.json") if not (path / name).is_file()]
    if not any(path.glob("*.safetensors")):
        absent.append("*.safetensors")
    if absent:
        raise AssetError(f"{path} is no model that can be used: it lacks {', '.join(absent)}. Name a folder with them.")
    config = json.loads((path / "config.json").read_text(encoding="utf-8"))
    if not isinstance(config, dict) or "hidden_size" not in config:
        raise AssetError(f"{path / 'config.json'} names no hidden_size. Take an encoder, such as all-MiniLM-L6-v2.")
    return config


@contextmanager
def _without_progress_bar() -> Iterator[None]:
    """Loading takes a tenth of a second, but shows a bar even where nobody sits at a terminal."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]


def _mean(states_BLD: "Tensor", mask_BL: "Tensor") -> "Tensor":
    weights_BL1 = mask_BL.unsqueeze(-1).to(states_BLD.dtype)
    return (states_BLD * weights_BL1).sum(1) / weights_BL1.sum(1)


def _first(states_BLD: "Tensor", _mask_BL: "Tensor") -> "Tensor":
    return states_BLD[:, 0]


POOLINGS: dict[str, Callable[["Tensor", "Tensor"], "Tensor"]] = {"mean": _mean, "cls": _first}

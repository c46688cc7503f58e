"""Any model that transformers can load from a folder of safetensors: tokens, model, pooling, unit length."""

import copy
from collections.abc import Callable, Sequence
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from penchant.records.errors import ConfigError, suggestion
from penchant.text.encoders.checkpoint import Checkpoint, read_tokenizer
from penchant.text.encoders.texts import clean, pack

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor


class Layer(Protocol):
    """What some models put behind the pooling."""

    @property
    def width(self) -> int: ...

    def __call__(self, pooled_BD: "Tensor") -> "Tensor": ...


class TransformerEncoder:
    """Texts to unit vectors with a transformer, on the CPU.

    `path`: a folder as in `Checkpoint`. `pooling`: "mean" of the token vectors, "cls", the first one, or "last" (of a
    decoder only the last one has seen the whole text); models differ in what they were trained for.
    `max_tokens`: longer texts are cut off there. `token_budget`: most tokens, padding included, in one forward pass;
    about 2048 is fastest on a CPU. `prompt`: stands before each text. `precision`: see `Checkpoint`; at "bfloat16" a
    vector depends, in its third digit, on what the text is batched with. `layers`: applied to the pooled vector.

    The libraries and the weights are loaded by the first text. `model_id` adds to the name given all settings that
    the vectors depend on.

    Raises AssetError for a folder that lacks a file, ConfigError for an unknown pooling or too many tokens.
    """

    def __init__(
        self,
        path: Path,
        model_id: str,
        pooling: str = "mean",
        max_tokens: int = 128,
        token_budget: int = 2048,
        prompt: str = "",
        precision: str = "float32",
        layers: Sequence[Layer] = (),
    ) -> None:
        if pooling not in POOLINGS:
            raise ConfigError(f"There is no pooling {pooling!r}. {suggestion(pooling, POOLINGS)}")
        self._checkpoint = Checkpoint(path, precision)
        most = self._checkpoint.most_tokens or max_tokens
        if not 0 < max_tokens <= most:
            raise ConfigError(f"max_tokens must be between 1 and {most} for {model_id}, found {max_tokens}.")
        self.path = self._checkpoint.path
        self.prompt = prompt
        self._name = f"{model_id}-{pooling}-{max_tokens}" + ("" if precision == "float32" else f"-{precision}")
        self.pooling = pooling
        self.max_tokens = max_tokens
        self.token_budget = token_budget
        self.layers = tuple(layers)

    @property
    def model_id(self) -> str:
        """The name with all that the vectors depend on; a prompt is told by its hash."""
        return self._name + (f"-{blake2b(self.prompt.encode(), digest_size=4).hexdigest()}" if self.prompt else "")

    @property
    def dimension(self) -> int:
        return self.layers[-1].width if self.layers else self._checkpoint.width

    def with_prompt(self, prompt: str) -> "TransformerEncoder":
        """The same model with other words before each text (E5 reads searches otherwise than items)."""
        other = copy.copy(self)
        other.prompt = prompt
        return other

    def apart(self) -> "TransformerEncoder":
        """The same encoder with a model of its own, at full precision: what is done to it is not done to this one."""
        other = copy.copy(self)
        other._checkpoint = Checkpoint(self.path)
        return other

    @property
    def model(self) -> Any:
        """The module that turns token numbers into hidden states."""
        return self._checkpoint.model

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of unit length, float32 (n, dimension); at full precision, whatever the texts are batched with."""
        vectors = np.empty((len(texts), self.dimension), np.float32)
        if not texts:
            return vectors
        import torch

        tokens = self.tokenize(texts)
        order = sorted(range(len(tokens)), key=lambda position: len(tokens[position]))
        with torch.inference_mode():
            for batch in pack(order, [len(ids) for ids in tokens], self.token_budget):
                vectors[batch] = self.forward([tokens[position] for position in batch]).cpu().numpy()
        return vectors

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Token numbers of each text behind the prompt, at least one, at most `max_tokens`."""
        encodings = self._tokenizer.encode_batch(clean(texts, self.prompt))
        return [encoding.ids or [self._checkpoint.padding] for encoding in encodings]

    def forward(self, tokens: list[list[int]]) -> "Tensor":
        """B texts of at most L tokens to vectors of unit length that can be learned through, float32 (B, D)."""
        import torch

        width, padding = max(map(len, tokens)), self._checkpoint.padding
        device = self.model.device
        ids_BL = torch.tensor([ids + [padding] * (width - len(ids)) for ids in tokens], device=device)
        mask_BL = torch.tensor([[1] * len(ids) + [0] * (width - len(ids)) for ids in tokens], device=device)
        states_BLD = self.model(input_ids=ids_BL, attention_mask=mask_BL).last_hidden_state
        pooled_BD = POOLINGS[self.pooling](states_BLD.float(), mask_BL)
        for layer in self.layers:
            pooled_BD = layer(pooled_BD)
        return torch.nn.functional.normalize(pooled_BD.float(), dim=1)

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        return read_tokenizer(self.path, self.max_tokens)


def _mean(states_BLD: "Tensor", mask_BL: "Tensor") -> "Tensor":
    weights_BL1 = mask_BL.unsqueeze(-1).to(states_BLD.dtype)
    return (states_BLD * weights_BL1).sum(1) / weights_BL1.sum(1)


def _first(states_BLD: "Tensor", _mask_BL: "Tensor") -> "Tensor":
    return states_BLD[:, 0]


def _last(states_BLD: "Tensor", mask_BL: "Tensor") -> "Tensor":
    """Padding is always on the right here, whatever the tokenizer's own settings say."""
    ends_B11 = (mask_BL.sum(1) - 1)[:, None, None]
    return states_BLD.gather(1, ends_B11.expand(-1, 1, states_BLD.shape[2])).squeeze(1)


POOLINGS: dict[str, Callable[["Tensor", "Tensor"], "Tensor"]] = {"mean": _mean, "cls": _first, "last": _last}

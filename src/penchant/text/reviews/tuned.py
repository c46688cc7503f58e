"""An encoder some of whose tensors were learned anew, kept apart from the model that they belong to.

It knows files of models, not how its tensors were learned (`fine_tuning`).
Legend: n texts, B texts of a batch, L tokens, D width.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from penchant.records.errors import ArtifactError
from penchant.text.encoders.checkpoint import Checkpoint, read_tokenizer
from penchant.text.encoders.texts import clean, pack

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor

TOKEN_BUDGET = 2048


class TunedEncoder:
    """An encoder (`penchant.vectors.encoder`) of a folder as in `Checkpoint`, some of whose tensors were learned anew.

    tensors: by their names in the model; `prompt`, `max_tokens`: as for `TransformerEncoder`; tokens are averaged.
    Raises ArtifactError, at the first text, for tensors that the model has no place for.
    """

    def __init__(
        self,
        path: Path,
        base_id: str,
        tensors: Mapping[str, np.ndarray] | None = None,
        prompt: str = "",
        max_tokens: int = 128,
    ) -> None:
        self.checkpoint = Checkpoint(path)
        self.base_id = base_id
        self.prompt = prompt
        self.max_tokens = min(max_tokens, self.checkpoint.most_tokens or max_tokens)
        self.tensors = dict(tensors or {})

    @property
    def model_id(self) -> str:
        """The name of the model below, and a hash of what was learned."""
        digest = blake2b(digest_size=6)
        for name in sorted(self.tensors):
            digest.update(name.encode() + self.tensors[name].tobytes())
        return f"{self.base_id}-tuned-{digest.hexdigest()}"

    @property
    def dimension(self) -> int:
        return self.checkpoint.width

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of unit length, float32 (n, D)."""
        import torch

        vectors = np.empty((len(texts), self.dimension), np.float32)
        tokens = self.tokenize(texts)
        order = sorted(range(len(tokens)), key=lambda position: len(tokens[position]))
        self.model.eval()
        with torch.inference_mode():
            for batch in pack(order, [len(ids) for ids in tokens], TOKEN_BUDGET):
                vectors[batch] = self.forward([tokens[position] for position in batch]).numpy()
        return vectors

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Token numbers of each text, at least one, at most `max_tokens`."""
        if not texts:
            return []
        encodings = self._tokenizer.encode_batch(clean(texts, self.prompt))
        return [encoding.ids or [self.checkpoint.padding] for encoding in encodings]

    def forward(self, tokens: list[list[int]]) -> "Tensor":
        """Vectors of unit length that can be learned through, (B, D)."""
        import torch

        width, padding = max(map(len, tokens)), self.checkpoint.padding
        ids_BL = torch.tensor([ids + [padding] * (width - len(ids)) for ids in tokens])
        mask_BL = torch.tensor([[1] * len(ids) + [0] * (width - len(ids)) for ids in tokens])
        states_BLD = self.model(input_ids=ids_BL, attention_mask=mask_BL).last_hidden_state
        return torch.nn.functional.normalize(
            (states_BLD * mask_BL[..., None]).sum(1) / mask_BL.sum(1, keepdim=True), dim=1
        )

    @cached_property
    def model(self) -> Any:
        """The module with the learned tensors in it."""
        import torch

        model = self.checkpoint.model
        tensors = {name: torch.from_numpy(values) for name, values in self.tensors.items()}
        try:
            unknown = model.load_state_dict(tensors, strict=False).unexpected_keys
        except RuntimeError as error:
            raise ArtifactError(
                f"What was learned does not fit the model in {self.checkpoint.path}: {error}"
            ) from error
        if unknown:
            raise ArtifactError(f"The model in {self.checkpoint.path} has no place for {unknown[0]!r}. Train again.")
        return model

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        return read_tokenizer(self.checkpoint.path, self.max_tokens)

"""A language model that learns along with something else: LoRA or all of its weights, its states made anew going back.

It knows texts as token numbers and what of it learns, not what the vectors are for. Legend: n texts, T text width.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penchant.records.errors import ConfigError
from penchant.text.adapt import with_lora
from penchant.text.encoders.sentence_transformer import write_sentence_transformer
from penchant.text.encoders.texts import pack
from penchant.text.encoders.transformer import TransformerEncoder

if TYPE_CHECKING:
    from torch import Tensor, nn


class TunableEncoder:
    """A copy of an encoder whose weights are free. `rank`: of LoRA (Hu et al., 2021), 0 for all weights.

    Of the forward pass only the states between layers are kept (gradient checkpointing; Chen et al., 2016).
    Raises ConfigError for an encoder with layers of its own behind the pooling, MissingExtraError for LoRA without peft.
    """

    def __init__(self, encoder: TransformerEncoder, rank: int) -> None:
        if encoder.layers:
            raise ConfigError(
                f"{encoder.model_id} has layers behind its pooling, which don't learn. Fine-tune another one, or none."
            )
        self.encoder = encoder.apart()
        model = self.encoder.model
        self._whole: Any = with_lora(model, rank) if rank else model.requires_grad_(True)
        self._whole.eval()  # what LoRA adds begins in training mode, with dropout
        self._has_lora = rank > 0
        old_name = model.gradient_checkpointing_enable  # in transformers before 5.20
        getattr(model, "activation_checkpointing_enable", old_name)({"use_reentrant": False})

    @property
    def learned(self) -> "list[nn.Parameter]":
        """What a step may change."""
        return [value for value in self._whole.parameters() if value.requires_grad]

    def train(self, mode: bool) -> None:
        """Before steps, and after them.

        Dropout stays off: vectors that are read anew stand beside kept ones, and have to be readings of the same model.
        """
        for module in self.encoder.model.modules():
            if getattr(module, "gradient_checkpointing", False):
                module.training = mode  # not of what is inside

    def vectors(self, tokens: Sequence[list[int]]) -> "Tensor":
        """Vectors of unit length that can be learned through, float32 (n, T)."""
        import torch

        order = sorted(range(len(tokens)), key=lambda place: len(tokens[place]))
        batches = pack(order, [len(ids) for ids in tokens], self.encoder.token_budget)
        parts = [self.encoder.forward([tokens[place] for place in batch]) for batch in batches]
        if not parts:
            return torch.zeros(0, self.encoder.dimension, device=self.encoder.model.device)
        return torch.cat(parts)[torch.argsort(torch.tensor(order))]

    def save(self, folder: Path) -> None:
        """A folder of sentence-transformers, LoRA merged into the weights; the last that is done with this object."""
        model = self._whole.merge_and_unload() if self._has_lora else self._whole
        write_sentence_transformer(self.encoder, model, folder)

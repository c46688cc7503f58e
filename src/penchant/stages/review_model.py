"""A saved model of reviews: encoder, heads, and what was measured. Its folder:

review_model.json (labels, encoder, report), model.safetensors (heads, and what fine-tuning learned), and the manifest. It holds
no review, but 8 bytes of a hash of each that was learned from, so that none of them is ever scored as if it were new.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from penchant.records.artifacts import check_folder, new_folder, read_json, write_json
from penchant.records.errors import ArtifactError, ConfigError
from penchant.stages.encoders import make_encoder
from penchant.stages.reader import read_texts
from penchant.text.encoders.transformer import TransformerEncoder
from penchant.text.reviews.sentiment import Sentiment
from penchant.text.reviews.tuned import TunedEncoder
from penchant.vectors.encoder import Encoder

ABOUT, WEIGHTS, TUNED = "review_model.json", "model.safetensors", "encoder."


@dataclass(frozen=True, kw_only=True)
class ReviewModel:
    """Texts in, probabilities out. `encoder_name`: as it was asked for; `encoder_id`: the name with all settings, without what
    fine-tuning learned; `learned`: keys of the texts that were learned from or calibrated on; `about`: the report."""

    sentiment: Sentiment
    encoder: Encoder
    encoder_name: str
    encoder_id: str
    learned: frozenset[str]
    about: dict[str, Any]

    @property
    def labels(self) -> list[str]:
        return list(self.sentiment.labels)

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Probability of each label, float64 (n, C)."""
        return self.sentiment.probabilities(texts, read_texts(list(texts), self.encoder))

    def save(self, path: Path) -> None:
        """Writes or replaces the folder in one step."""
        arrays = self.sentiment.state()
        if isinstance(self.encoder, TunedEncoder):
            arrays |= {TUNED + name: values for name, values in self.encoder.tensors.items()}
        told = {
            "labels": self.labels,
            "encoder": self.encoder_name,
            "encoder_id": self.encoder_id,
            "about": self.about,
            "learned": sorted(self.learned),
        }
        with new_folder(path) as draft:
            save_file({name: np.ascontiguousarray(values) for name, values in arrays.items()}, draft / WEIGHTS)
            write_json(draft / ABOUT, told)

    @classmethod
    def load(cls, path: Path) -> "ReviewModel":
        """Raises ArtifactError for a folder that `save` did not write, or that was changed since, or whose encoder was."""
        check_folder(path)
        if not (path / ABOUT).is_file():
            raise ArtifactError(
                f"{path} holds no {ABOUT}, so it is no model of reviews. Name the --out of `reviews train`."
            )
        told = read_json(path / ABOUT)
        try:
            arrays = load_file(path / WEIGHTS)
            return cls(
                sentiment=Sentiment.of_state(told["labels"], arrays),
                encoder=_encoder(told["encoder"], told["encoder_id"], arrays),
                encoder_name=told["encoder"],
                encoder_id=told["encoder_id"],
                learned=frozenset(told["learned"]),
                about=told["about"],
            )
        except (KeyError, TypeError, OSError, SafetensorError) as error:
            raise ArtifactError(f"{path} cannot be read ({error!r}). Train again.") from error


def make_tuned(name: str, tensors: Mapping[str, np.ndarray] | None = None) -> TunedEncoder:
    """The named encoder, ready for fine-tuning, or after it. Raises ConfigError for one that has no layers to learn."""
    base = make_encoder(name)
    if not isinstance(base, TransformerEncoder):
        raise ConfigError(
            f"Only a transformer can be fine-tuned, and {name!r} is none. Name one, or leave --fine-tune out."
        )
    return TunedEncoder(base.path, base.model_id, tensors, base.prompt)


def _encoder(name: str, encoder_id: str, arrays: Mapping[str, np.ndarray]) -> Encoder:
    encoder = make_encoder(name)
    if encoder.model_id != encoder_id:
        raise ArtifactError(
            f"This model of reviews was learned with the vectors of {encoder_id!r}, but {name!r} is now {encoder.model_id!r}. "
            "Train again."
        )
    tensors = {key.removeprefix(TUNED): values for key, values in arrays.items() if key.startswith(TUNED)}
    return make_tuned(name, tensors) if tensors else encoder

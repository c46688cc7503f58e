"""Folders of sentence-transformers: modules.json says how a text becomes a vector. The library itself is not needed."""

import json
import shutil
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penchant.records.artifacts import write_json
from penchant.records.errors import AssetError, ConfigError, suggestion
from penchant.text.encoders.checkpoint import quiet, read_settings, read_tensors
from penchant.text.encoders.transformer import TransformerEncoder

if TYPE_CHECKING:
    from torch import Tensor

POOLING_WORDS = {"mean": "mean", "cls": "cls", "lasttoken": "last"}
OLD_POOLING_WORDS = {
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_cls_token": "cls",
    "pooling_mode_lasttoken": "last",
}
DEFAULT_MAX_TOKENS = 128
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt")


def sentence_transformer(
    path: Path, model_id: str, prompt_name: str | None = None, max_tokens: int | None = None, precision: str = "float32"
) -> TransformerEncoder:
    """The encoder that a folder with modules.json describes: a transformer, a pooling, dense layers, unit length.

    `prompt_name`: which of the folder's prompts stands before each text, such as "query"; None: its default.
    `max_tokens`: None takes 128, or less where the folder says so, for time grows with it.

    Raises AssetError for a module that is none of these, ConfigError for a prompt that the folder does not have.
    """
    modules = _modules(path)
    kinds = [kind for kind, _ in modules]
    if kinds[:2] != ["Transformer", "Pooling"] or set(kinds[2:]) - {"Dense", "Normalize"}:
        raise AssetError(
            f"{path / 'modules.json'} lists {', '.join(kinds)}. Only a Transformer, a Pooling, Dense layers and Normalize "
            "can be read. Take another model, or serve this one behind an embeddings endpoint."
        )
    (_, inner), (_, pooling), *rest = modules
    return TransformerEncoder(
        inner,
        model_id,
        pooling=_pooling(read_settings(pooling / "config.json"), pooling),
        max_tokens=max_tokens or _max_tokens(inner),
        prompt=_prompt(path, prompt_name),
        precision=precision,
        layers=[Dense(folder) for kind, folder in rest if kind == "Dense"],
    )


class Dense:
    """A linear layer with an activation behind the pooling; its weights are loaded by the first text.

    Raises AssetError for an activation that is not known, or a residual connection.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        settings = read_settings(path / "config.json")
        self.width = int(settings["out_features"])
        self._activation = str(settings.get("activation_function", "Tanh")).rsplit(".", 1)[-1]
        if self._activation not in ACTIVATIONS or settings.get("use_residual"):
            raise AssetError(
                f"{path} has the unknown activation {self._activation!r}, or a residual. Take another model."
            )

    def __call__(self, pooled_BD: "Tensor") -> "Tensor":
        from torch.nn.functional import linear

        weights = self._weights
        return ACTIVATIONS[self._activation](linear(pooled_BD, weights["linear.weight"], weights.get("linear.bias")))

    @cached_property
    def _weights(self) -> dict[str, "Tensor"]:
        import torch

        return {
            name: torch.from_numpy(values).float()
            for name, values in read_tensors(self._path / "model.safetensors").items()
        }


def write_sentence_transformer(encoder: TransformerEncoder, model: Any, folder: Path) -> None:
    """The folder of an encoder with the weights of `model`, for `sentence_transformer` and for the library of that name."""
    with quiet():
        model.save_pretrained(folder)
    for name in TOKENIZER_FILES:
        if (encoder.path / name).is_file():
            shutil.copy(encoder.path / name, folder / name)
    kinds = {"Transformer": "", "Pooling": "1_Pooling", "Normalize": "2_Normalize"}
    modules = [
        {"idx": place, "name": str(place), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for place, (kind, path) in enumerate(kinds.items())
    ]
    pooled = {name: word == encoder.pooling for name, word in OLD_POOLING_WORDS.items()}
    prompts = {"prompts": {"default": encoder.prompt}, "default_prompt_name": "default"} if encoder.prompt else {}
    for path in filter(None, kinds.values()):
        (folder / path).mkdir()
    write_json(folder / "modules.json", modules)
    write_json(folder / "1_Pooling" / "config.json", {"word_embedding_dimension": encoder.dimension, **pooled})
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": encoder.max_tokens, "do_lower_case": False})
    write_json(folder / "config_sentence_transformers.json", prompts)


def _same(values: "Tensor") -> "Tensor":
    return values


def _tanh(values: "Tensor") -> "Tensor":
    return values.tanh()


def _relu(values: "Tensor") -> "Tensor":
    return values.relu()


ACTIVATIONS: dict[str, Callable[["Tensor"], "Tensor"]] = {"Identity": _same, "Tanh": _tanh, "ReLU": _relu}


def _modules(path: Path) -> list[tuple[str, Path]]:
    """Kind and folder of each module, in order."""
    try:
        listed = json.loads((path / "modules.json").read_text(encoding="utf-8"))
        modules = [(str(module["type"]).rsplit(".", 1)[-1], (path / module["path"]).resolve()) for module in listed]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AssetError(f"{path / 'modules.json'} cannot be read ({error}). Get the model again.") from error
    if any(not folder.is_relative_to(path.resolve()) for _, folder in modules):
        raise AssetError(f"{path / 'modules.json'} names a folder outside of its own. Do not use this model.")
    return modules


def _pooling(settings: Mapping[str, Any], path: Path) -> str:
    old = [word for name, word in OLD_POOLING_WORDS.items() if settings.get(name)]
    word = POOLING_WORDS.get(str(settings.get("pooling_mode"))) or (old[0] if len(old) == 1 else None)
    unknown = [name for name, on in settings.items() if on is True and name.startswith("pooling_mode_")]
    if word is None or set(unknown) - set(OLD_POOLING_WORDS) or settings.get("include_prompt") is False:
        raise AssetError(f"{path} pools otherwise than by mean, first or last token. Take another model.")
    return word


def _prompt(path: Path, name: str | None) -> str:
    settings = path / "config_sentence_transformers.json"
    about = read_settings(settings) if settings.is_file() else {}
    prompts = about.get("prompts") or {}
    chosen = name or about.get("default_prompt_name")
    if chosen is None:
        return ""
    if chosen not in prompts:
        raise ConfigError(f"{path} has no prompt {chosen!r}. {suggestion(chosen, prompts)}")
    return str(prompts[chosen])


def _max_tokens(path: Path) -> int:
    settings = path / "sentence_bert_config.json"
    most = read_settings(settings).get("max_seq_length") if settings.is_file() else None
    return min(most or DEFAULT_MAX_TOKENS, DEFAULT_MAX_TOKENS)

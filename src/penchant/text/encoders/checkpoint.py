"""A folder of config.json, tokenizer.json and safetensors, as transformers saves it: what it holds, loaded when needed.

It knows files and libraries, not what a vector of a text is. No code from the folder is run and nothing is fetched.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from penchant.records.errors import AssetError, ConfigError, suggestion

if TYPE_CHECKING:
    from tokenizers import Tokenizer

WIDTHS = ("hidden_size", "d_model", "dim", "n_embd")
PRECISIONS = ("float32", "bfloat16")
OFFSET_POSITIONS = ("roberta", "xlm-roberta", "camembert", "xlm-roberta-xl")
"""Kinds of models whose first position is the one behind the padding token's number."""


class Checkpoint:
    """The model of a folder, on the CPU.

    `precision`: "float32", or "bfloat16": three times as fast where the processor has instructions for it (AVX-512 BF16,
    AMX), slower where it has not, and nearly equal (cosine above .999). 8 bits are not offered: of real descriptions
    some came out at a cosine of .86 (docs/experiments.md).
    Raises AssetError for a folder that lacks a file, ConfigError for an unknown precision.
    """

    def __init__(self, path: Path, precision: str = "float32") -> None:
        if precision not in PRECISIONS:
            raise ConfigError(f"There is no precision {precision!r}. {suggestion(precision, PRECISIONS)}")
        self.path = Path(path)
        self.precision = precision
        self.config = read_config(self.path)

    @property
    def width(self) -> int:
        """Of a token's vector."""
        return next(int(self.config[name]) for name in WIDTHS if name in self.config)

    @property
    def padding(self) -> int:
        return int(self.config.get("pad_token_id") or 0)

    @property
    def most_tokens(self) -> int | None:
        """The longest text that the model has positions for; None where there is no limit."""
        most = self.config.get("max_position_embeddings")
        if most is not None and self.config.get("model_type") in OFFSET_POSITIONS:
            return int(most) - self.padding - 1
        return most

    @cached_property
    def model(self) -> Any:
        """The module that turns token numbers into hidden states."""
        import torch
        from transformers import AutoModel, AutoModelForTextEncoding

        dtype = torch.bfloat16 if self.precision == "bfloat16" else torch.float32
        # Of a model that reads and then writes, such as T5, only the reading half.
        kind = AutoModelForTextEncoding if self.config.get("is_encoder_decoder") else AutoModel
        try:
            with quiet():
                model, info = kind.from_pretrained(
                    self.path,
                    local_files_only=True,
                    use_safetensors=True,
                    trust_remote_code=False,
                    dtype=dtype,
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
        model.config.use_cache = False  # of a decoder's keys and values, which only the next token would need
        return model.eval()


def read_config(path: Path) -> dict[str, Any]:
    """The config.json of a folder with all that a checkpoint needs. Raises AssetError where something is missing."""
    absent = [name for name in ("config.json", "tokenizer.json") if not (path / name).is_file()]
    if not any(path.glob("*.safetensors")):
        absent.append("*.safetensors")
    if absent:
        raise AssetError(f"{path} is no model that can be used: it lacks {', '.join(absent)}. Name a folder with them.")
    config = read_settings(path / "config.json")
    if not any(name in config for name in WIDTHS):
        raise AssetError(f"{path / 'config.json'} names no hidden_size. Take an encoder, such as all-MiniLM-L6-v2.")
    return config


def read_settings(path: Path) -> dict[str, Any]:
    """A JSON object. Raises AssetError for anything else."""
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AssetError(f"{path} cannot be read as JSON ({error}). Get the model again.") from error
    if not isinstance(settings, dict):
        raise AssetError(f"{path} holds no JSON object. Get the model again.")
    return settings


def read_tokenizer(path: Path, max_tokens: int) -> "Tokenizer":
    """The tokenizer.json of a folder, cutting texts off at `max_tokens`, without padding. Raises AssetError."""
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(path / "tokenizer.json"))
    except Exception as error:  # the library raises Exception itself
        raise AssetError(f"{path / 'tokenizer.json'} cannot be loaded ({error}). Get the model again.") from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def read_tensors(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a safetensors file. Raises AssetError for a missing or damaged one."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise AssetError(f"{path} cannot be loaded ({error}). Get the model again.") from error


def content_id(path: Path) -> str:
    """12 hex digits that stand for what the JSON and safetensors files below a folder hold."""
    digest = hashlib.blake2b(digest_size=6)
    for file in sorted(path.rglob("*")):
        if file.suffix in (".json", ".safetensors") and file.name != "manifest.json":
            digest.update(file.relative_to(path).as_posix().encode() + b"\0")
            with file.open("rb") as content:
                digest.update(hashlib.file_digest(content, "blake2b").digest())
    return digest.hexdigest()


@contextmanager
def quiet() -> Iterator[None]:
    """Loading takes a tenth of a second, but shows a bar and a report even where nobody sits at a terminal."""
    from transformers.utils import logging

    shown, level = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if shown:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]

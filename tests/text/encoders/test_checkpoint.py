import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from penchant.records.errors import AssetError, ConfigError
from penchant.text.encoders.checkpoint import Checkpoint, content_id, read_settings, read_tensors, read_tokenizer


def folder(path: Path, **config: object) -> Path:
    """Enough of a model to read its settings."""
    (path / "config.json").write_text(json.dumps({"hidden_size": 8, **config}))
    (path / "tokenizer.json").write_text("{}")
    save_file({"x": np.arange(3.0)}, path / "model.safetensors")
    return path


@pytest.mark.parametrize("name", ["hidden_size", "d_model", "dim", "n_embd"])
def test_the_width_has_many_names(tmp_path: Path, name: str) -> None:
    folder(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({name: 12}))
    assert Checkpoint(tmp_path).width == 12


@pytest.mark.parametrize(("kind", "most"), [("bert", 514), ("xlm-roberta", 512), ("roberta", 512)])
def test_some_models_count_positions_from_behind_the_padding(tmp_path: Path, kind: str, most: int) -> None:
    path = folder(tmp_path, model_type=kind, pad_token_id=1, max_position_embeddings=514)
    assert Checkpoint(path).most_tokens == most


def test_no_limit_of_positions(tmp_path: Path) -> None:
    assert Checkpoint(folder(tmp_path)).most_tokens is None


def test_an_unknown_precision_gets_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no precision 'bfloat'\. Did you mean 'bfloat16'"):
        Checkpoint(folder(tmp_path), precision="bfloat")


def test_the_content_is_the_identity(tmp_path: Path) -> None:
    path = folder(tmp_path)
    before = content_id(path)
    assert before == content_id(path)
    assert len(before) == 12
    (path / "README.md").write_text("words about it")
    assert content_id(path) == before
    save_file({"x": np.arange(3.0) + 1}, path / "model.safetensors")
    assert content_id(path) != before


@pytest.mark.parametrize("content", ["{", "[1]", "\udcff"])
def test_damaged_settings_are_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "config.json").write_text(content, errors="surrogateescape")
    with pytest.raises(AssetError, match=r"config\.json.*Get the model again"):
        read_settings(tmp_path / "config.json")


def test_damaged_files_are_told(tmp_path: Path) -> None:
    path = folder(tmp_path)
    with pytest.raises(AssetError, match=r"tokenizer\.json cannot be loaded"):
        read_tokenizer(path, 8)
    (path / "model.safetensors").write_bytes(b"12345678")
    with pytest.raises(AssetError, match=r"model\.safetensors cannot be loaded"):
        read_tensors(path / "model.safetensors")
    with pytest.raises(AssetError, match=r"gone\.safetensors cannot be loaded"):
        read_tensors(path / "gone.safetensors")

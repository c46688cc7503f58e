from pathlib import Path

import numpy as np
import pytest

from penchant.assets.resolve import resolve
from penchant.records.errors import ArtifactError, AssetError, ConfigError
from penchant.text.encoders.folder import open_encoder
from penchant.text.encoders.static import StaticEncoder
from penchant.text.encoders.tfidf import fit_tfidf
from penchant.text.encoders.transformer import TransformerEncoder
from penchant.text.encoders.words import WordsEncoder


def letters(text: str) -> list[str]:
    return list(text)


@pytest.fixture
def fitted(tmp_path: Path) -> Path:
    fit_tfidf(["hot soup", "hot music"], str.split).save(tmp_path / "fitted")
    return tmp_path / "fitted"


def model(folder: Path, kind: str, width: int = 8) -> Path:
    """A tiny model of transformers with random weights and a tokenizer of three words."""
    import torch
    from tokenizers import Tokenizer, models
    from transformers import BertConfig, BertModel, Qwen3Config, Qwen3ForCausalLM

    torch.manual_seed(width)
    Tokenizer(models.WordLevel({"hot": 0, "soup": 1, "?": 2}, unk_token="?")).save(str(folder / "tokenizer.json"))
    sizes = {"vocab_size": 3, "hidden_size": width, "num_hidden_layers": 1, "intermediate_size": 8}
    if kind == "decoder":
        Qwen3ForCausalLM(
            Qwen3Config(**sizes, num_attention_heads=2, num_key_value_heads=2, head_dim=4)
        ).save_pretrained(folder)
    else:
        BertModel(BertConfig(**sizes, num_attention_heads=2)).save_pretrained(folder)
    return folder


def static(folder: Path) -> Path:
    from safetensors.numpy import save_file

    model(folder, "encoder")
    save_file({"embeddings": np.eye(3, dtype=np.float32)}, folder / "model.safetensors")
    return folder


def test_fitted_words(fitted: Path) -> None:
    encoder = open_encoder(fitted, "mine", segment=str.split)
    assert isinstance(encoder, WordsEncoder)
    assert encoder.model_id.startswith("tfidf-")
    with pytest.raises(ConfigError, match="Give the function that cut them"):
        open_encoder(fitted, "mine")
    with pytest.raises(ConfigError, match="takes no options, found prompt"):
        open_encoder(fitted, "mine", segment=str.split, prompt="x")
    with pytest.raises(ArtifactError, match="Use the segmentation"):
        open_encoder(fitted, "mine", segment=letters)


def test_model2vec(tmp_path: Path) -> None:
    encoder = open_encoder(static(tmp_path), "mine", max_tokens=7)
    assert isinstance(encoder, StaticEncoder)
    assert encoder.model_id.startswith("mine@")


@pytest.mark.parametrize(("kind", "pooling"), [("encoder", "mean"), ("decoder", "last")])
def test_transformers(tmp_path: Path, kind: str, pooling: str) -> None:
    encoder = open_encoder(model(tmp_path, kind), "mine", max_tokens=9)
    assert isinstance(encoder, TransformerEncoder)
    assert encoder.model_id.endswith(f"-{pooling}-9")


@pytest.mark.assets
def test_sentence_transformers(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text(
        '[{"path": "", "type": "x.Transformer"}, {"path": "1_Pooling", "type": "x.Pooling"}]'
    )
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling" / "config.json").write_text('{"pooling_mode": "cls"}')
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (tmp_path / name).symlink_to(resolve("all-MiniLM-L6-v2").path / name)
    assert open_encoder(tmp_path, "mine").model_id.endswith("-cls-128")


def test_other_weights_under_one_name_are_another_model(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, same, other = (
        open_encoder(path, "mine").model_id
        for path in (model(tmp_path / "a", "encoder"), tmp_path / "a", model(tmp_path / "b", "encoder", width=16))
    )
    assert one == same != other


def test_an_option_that_there_is_not_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"does not take these options.*poling"):
        open_encoder(model(tmp_path, "encoder"), "mine", poling="cls")


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match=r"lacks config\.json, tokenizer\.json, \*\.safetensors"):
        open_encoder(tmp_path, "mine")

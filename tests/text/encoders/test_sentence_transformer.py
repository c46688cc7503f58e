import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contracts.encoder_contract import TEXTS, EncoderContract
from penchant.assets.resolve import resolve
from penchant.records.errors import AssetError, ConfigError
from penchant.text.encoders.sentence_transformer import sentence_transformer
from penchant.text.encoders.transformer import TransformerEncoder

PROMPTS = {"query": "search for ", "document": "item: "}


def saved(folder: Path, pooling: str = "mean", dense: bool = False, default: str | None = None) -> Path:
    """MiniLM's weights with other modules behind them, written by the library itself."""
    torch = pytest.importorskip("torch")
    library = pytest.importorskip("sentence_transformers", reason="compares with the library, which is in [nlp]")
    from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, Transformer

    torch.manual_seed(0)
    modules: list[Any] = [Transformer(str(resolve("all-MiniLM-L6-v2").path)), Pooling(384, pooling_mode=pooling)]
    modules += [Dense(384, 64, activation_function=torch.nn.Tanh())] if dense else []
    model = library.SentenceTransformer(modules=[*modules, Normalize()], prompts=PROMPTS, default_prompt_name=default)
    model.save_pretrained(str(folder))
    return folder


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def dense(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(tmp_path_factory.mktemp("dense"), pooling="cls", dense=True, default="document")


def library_vectors(path: Path, texts: list[str], **options: Any) -> np.ndarray:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(path)).encode(texts, **options)


READABLE = [text.encode("utf-8", "replace").decode() for text in TEXTS if text]


@pytest.mark.assets
class TestSentenceTransformer(EncoderContract):
    @pytest.fixture
    def encoder(self, plain: Path) -> TransformerEncoder:
        return sentence_transformer(plain, "plain")

    def test_gives_the_vectors_of_the_library(self, plain: Path, encoder: TransformerEncoder) -> None:
        np.testing.assert_allclose(encoder.encode(READABLE), library_vectors(plain, READABLE), atol=1e-5)

    @pytest.mark.parametrize("name", list(PROMPTS))
    def test_prompts_are_those_of_the_folder(self, plain: Path, name: str) -> None:
        vectors = sentence_transformer(plain, "plain", prompt_name=name).encode(READABLE)
        np.testing.assert_allclose(vectors, library_vectors(plain, READABLE, prompt_name=name), atol=1e-5)
        assert np.abs(vectors - sentence_transformer(plain, "plain").encode(READABLE)).max() > 1e-2

    def test_an_unknown_prompt_gets_a_suggestion(self, plain: Path) -> None:
        with pytest.raises(ConfigError, match=r"no prompt 'quary'\. Did you mean 'query'"):
            sentence_transformer(plain, "plain", prompt_name="quary")

    def test_the_folder_may_ask_for_less_tokens(self, plain: Path, tmp_path: Path) -> None:
        folder = shutil.copytree(plain, tmp_path / "copy")
        (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 4}')
        hot, more = sentence_transformer(folder, "short").encode(["hot soup", "hot soup and bread"])
        np.testing.assert_allclose(hot, more, atol=1e-5)
        hot, more = sentence_transformer(folder, "long", max_tokens=10).encode(["hot soup", "hot soup and bread"])
        assert np.abs(hot - more).max() > 1e-2

    def test_old_names_of_poolings_are_read(self, plain: Path, tmp_path: Path) -> None:
        folder = shutil.copytree(plain, tmp_path / "copy")
        old = {"word_embedding_dimension": 384, "pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}
        (folder / "1_Pooling" / "config.json").write_text(json.dumps(old))
        assert sentence_transformer(folder, "old").model_id == "old-cls-128"

    @pytest.mark.parametrize(
        "pooling", [{"pooling_mode": "max"}, {"pooling_mode_max_tokens": True, "pooling_mode_mean_tokens": True}]
    )
    def test_another_pooling_is_refused(self, plain: Path, tmp_path: Path, pooling: dict[str, object]) -> None:
        folder = shutil.copytree(plain, tmp_path / "copy")
        (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
        with pytest.raises(AssetError, match="pools otherwise than by mean, first or last token"):
            sentence_transformer(folder, "max")

    @pytest.mark.parametrize(
        ("listed", "message"),
        [
            ([{"type": "x.CNN", "path": ""}], "lists CNN"),
            ([{"path": ""}], "cannot be read"),
            ([{"type": "x.Transformer", "path": "../.."}], "outside of its own"),
        ],
    )
    def test_other_modules_are_refused(self, plain: Path, tmp_path: Path, listed: Any, message: str) -> None:
        folder = shutil.copytree(plain, tmp_path / "copy")
        (folder / "modules.json").write_text(json.dumps(listed))
        with pytest.raises(AssetError, match=message):
            sentence_transformer(folder, "other")


@pytest.mark.assets
class TestSentenceTransformerWithDense(EncoderContract):
    @pytest.fixture
    def encoder(self, dense: Path) -> TransformerEncoder:
        return sentence_transformer(dense, "dense")

    def test_gives_the_vectors_of_the_library_with_its_default_prompt(
        self, dense: Path, encoder: TransformerEncoder
    ) -> None:
        assert encoder.dimension == 64
        np.testing.assert_allclose(encoder.encode(READABLE), library_vectors(dense, READABLE), atol=1e-5)

    @pytest.mark.parametrize("change", [{"activation_function": "x.Softmax"}, {"use_residual": True}])
    def test_another_activation_is_refused(self, dense: Path, tmp_path: Path, change: dict[str, object]) -> None:
        folder = shutil.copytree(dense, tmp_path / "copy")
        settings = json.loads((folder / "2_Dense" / "config.json").read_text())
        (folder / "2_Dense" / "config.json").write_text(json.dumps(settings | change))
        with pytest.raises(AssetError, match="unknown activation"):
            sentence_transformer(folder, "dense")

    @pytest.mark.parametrize("name", ["torch.nn.modules.linear.Identity", "torch.nn.modules.activation.ReLU"])
    def test_activations_are_those_of_the_folder(self, dense: Path, tmp_path: Path, name: str) -> None:
        folder = shutil.copytree(dense, tmp_path / "copy")
        settings = json.loads((folder / "2_Dense" / "config.json").read_text())
        (folder / "2_Dense" / "config.json").write_text(json.dumps(settings | {"activation_function": name}))
        vectors = sentence_transformer(folder, "dense").encode(READABLE)
        np.testing.assert_allclose(vectors, library_vectors(folder, READABLE), atol=1e-5)
        assert np.abs(vectors - sentence_transformer(dense, "dense").encode(READABLE)).max() > 1e-2

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contracts.encoder_contract import TEXTS, EncoderContract
from penchant.assets.resolve import resolve
from penchant.records.errors import AssetError, ConfigError
from penchant.text.encoders.transformer import TransformerEncoder
from text.tiny_models import MARKS, tiny_bert

WORDS = ["hot", "soup", "films", "music", "books", "a", "and", "about", "text"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("tiny"), WORDS, width=32)


@pytest.fixture(scope="module")
def minilm() -> TransformerEncoder:
    return TransformerEncoder(resolve("all-MiniLM-L6-v2").path, "all-MiniLM-L6-v2")


def small(tiny: Path, max_tokens: int = 40, **options: Any) -> TransformerEncoder:
    return TransformerEncoder(tiny, "tiny", max_tokens=max_tokens, **options)


class TestTinyWithMeanPooling(EncoderContract):
    @pytest.fixture
    def encoder(self, tiny: Path) -> TransformerEncoder:
        return small(tiny)


class TestTinyWithFirstTokenPooling(EncoderContract):
    @pytest.fixture
    def encoder(self, tiny: Path) -> TransformerEncoder:
        return small(tiny, pooling="cls")


class TestTinyWithLastTokenPooling(EncoderContract):
    @pytest.fixture
    def encoder(self, tiny: Path) -> TransformerEncoder:
        return small(tiny, pooling="last")


class TestTinyT5(EncoderContract):
    """Reads and writes; only the half that reads is loaded."""

    @pytest.fixture
    def encoder(self, tiny: Path, tmp_path: Path) -> TransformerEncoder:
        import torch
        from transformers import T5Config, T5Model

        torch.manual_seed(0)
        sizes = {
            "vocab_size": len(MARKS) + len(WORDS),
            "d_model": 32,
            "d_kv": 8,
            "d_ff": 32,
            "num_layers": 1,
            "num_heads": 4,
        }
        T5Model(T5Config(**sizes, decoder_start_token_id=0)).save_pretrained(tmp_path)
        shutil.copy(tiny / "tokenizer.json", tmp_path)
        return TransformerEncoder(tmp_path, "t5")


@pytest.mark.assets
class TestMiniLM(EncoderContract):
    @pytest.fixture
    def encoder(self, minilm: TransformerEncoder) -> TransformerEncoder:
        return minilm

    def test_the_dimension_is_that_of_the_model(self, minilm: TransformerEncoder) -> None:
        assert minilm.dimension == 384

    @pytest.mark.parametrize(
        ("text", "paraphrase", "unrelated"),
        [
            ("noise-cancelling headphones", "earphones that block out sound", "tomato soup recipe"),
            ("a film about toys that come alive", "an animated movie with living dolls", "quarterly tax report"),
            ("cheap hotel near the beach", "affordable seaside accommodation", "graphics card drivers"),
        ],
    )
    def test_paraphrases_are_nearer_than_the_unrelated(
        self, minilm: TransformerEncoder, text: str, paraphrase: str, unrelated: str
    ) -> None:
        vectors = minilm.encode([text, paraphrase, unrelated])
        assert vectors[0] @ vectors[1] > 0.4 > 0.2 > vectors[0] @ vectors[2]

    def test_gives_the_vectors_of_the_reference_recipe(self, minilm: TransformerEncoder) -> None:
        """The recipe of the model card, text by text and without padding: mean over tokens, then unit length."""
        import torch
        from tokenizers import Tokenizer
        from transformers import AutoModel

        tokenizer = Tokenizer.from_file(str(minilm.path / "tokenizer.json"))
        tokenizer.no_padding()
        model = AutoModel.from_pretrained(minilm.path, use_safetensors=True).eval()
        texts = ["hot soup", "A much longer text, about films & music."]
        for text, vector in zip(texts, minilm.encode(texts), strict=True):
            with torch.inference_mode():
                states = model(input_ids=torch.tensor([tokenizer.encode(text).ids])).last_hidden_state[0]
            mean = states.mean(0).numpy()
            np.testing.assert_allclose(vector, mean / np.linalg.norm(mean), atol=1e-5)


def test_poolings_differ(tiny: Path) -> None:
    encoders = [small(tiny, pooling=pooling) for pooling in ("mean", "cls", "last")]
    mean, first, last = (encoder.encode(["hot soup"]) for encoder in encoders)
    assert min(np.abs(mean - first).max(), np.abs(first - last).max(), np.abs(mean - last).max()) > 1e-3
    assert len({encoder.model_id for encoder in encoders}) == 3


def test_a_prompt_stands_before_each_text(tiny: Path) -> None:
    plain, prompted = small(tiny), small(tiny, prompt="hot ")
    np.testing.assert_allclose(prompted.encode(["soup"]), plain.encode(["hot soup"]), atol=1e-5)
    assert prompted.model_id != plain.model_id


def test_another_prompt_shares_the_model(tiny: Path) -> None:
    items = small(tiny, prompt="a ")
    items.encode(["soup"])
    queries = items.with_prompt("hot ")
    np.testing.assert_allclose(queries.encode(["soup"]), small(tiny).encode(["hot soup"]), atol=1e-5)
    np.testing.assert_allclose(items.encode(["soup"]), small(tiny).encode(["a soup"]), atol=1e-5)
    assert queries._checkpoint is items._checkpoint
    assert queries.model_id == small(tiny, prompt="hot ").model_id != items.model_id


def test_half_precision_is_another_model_with_nearly_the_same_vectors(tiny: Path) -> None:
    full, lower = small(tiny), small(tiny, precision="bfloat16")
    texts = ["hot soup", "films about music and books"]
    difference = np.abs(full.encode(texts) - lower.encode(texts)).max()
    assert 1e-5 < difference < 0.05
    assert (full.encode(texts) * lower.encode(texts)).sum(axis=1).min() > 0.99
    assert lower.model_id != full.model_id


def test_what_lies_behind_max_tokens_does_not_count(tiny: Path) -> None:
    """5 tokens are [CLS], three words and [SEP]."""
    encoder = small(tiny, max_tokens=5)
    same, cut, other = encoder.encode(["hot soup music", "hot soup music " + "books " * 500, "hot soup books"])
    np.testing.assert_allclose(same, cut, atol=1e-5)
    assert np.abs(same - other).max() > 1e-3
    assert encoder.model_id != small(tiny).model_id


@pytest.mark.parametrize("token_budget", [1, 7, 10_000])
def test_the_budget_does_not_change_the_vectors(tiny: Path, token_budget: int) -> None:
    expected = np.concatenate([small(tiny).encode([text]) for text in TEXTS])
    np.testing.assert_allclose(small(tiny, token_budget=token_budget).encode(TEXTS), expected, atol=1e-5)


def test_nothing_heavy_is_loaded_before_the_first_text(tiny: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from penchant.text.encoders.transformer import TransformerEncoder\n"
        "print(TransformerEncoder(Path(sys.argv[1]), 'tiny', max_tokens=40).dimension)\n"
        "print({'torch', 'transformers', 'tokenizers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tiny)], capture_output=True, text=True, check=True)
    assert done.stdout == "32\nset()\n"


def test_loading_prints_nothing(tiny: Path, capfd: pytest.CaptureFixture[str]) -> None:
    small(tiny).encode(["soup"])
    assert capfd.readouterr() == ("", "")


def test_an_unknown_pooling_gets_a_suggestion(tiny: Path) -> None:
    with pytest.raises(ConfigError, match=r"no pooling 'maen'\. Did you mean 'mean'"):
        small(tiny, pooling="maen")


@pytest.mark.parametrize("max_tokens", [0, 41])
def test_more_tokens_than_the_model_has_positions_are_refused(tiny: Path, max_tokens: int) -> None:
    with pytest.raises(ConfigError, match=f"between 1 and 40 for tiny, found {max_tokens}"):
        small(tiny, max_tokens=max_tokens)


@pytest.mark.parametrize(
    ("gone", "named"),
    [("tokenizer.json", "tokenizer.json"), ("config.json", "config.json"), ("model.safetensors", "[*].safetensors")],
)
def test_a_folder_that_lacks_a_file_is_told(tiny: Path, tmp_path: Path, gone: str, named: str) -> None:
    folder = shutil.copytree(tiny, tmp_path / "copy")
    (folder / gone).unlink()
    (folder / "pytorch_model.bin").write_bytes(b"weights that can run code are no way out")
    with pytest.raises(AssetError, match=f"lacks {named}"):
        small(folder)


def test_a_config_without_a_width_is_told(tiny: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny, tmp_path / "copy")
    (folder / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(AssetError, match="names no hidden_size"):
        small(folder)


def test_damaged_weights_are_told(tiny: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny, tmp_path / "copy")
    (folder / "model.safetensors").write_bytes((tiny / "model.safetensors").read_bytes()[:1000])
    with pytest.raises(AssetError, match="cannot be loaded"):
        small(folder).encode(["soup"])


def test_absent_weights_are_told_instead_of_made_up(tiny: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny, tmp_path / "copy")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 3}))
    with pytest.raises(AssetError, match=r"lacks \d+ weights, such as encoder.layer.2"):
        small(folder).encode(["soup"])

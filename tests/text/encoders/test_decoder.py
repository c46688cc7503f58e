import json
from pathlib import Path

import numpy as np
import pytest

from contracts.encoder_contract import EncoderContract
from penchant.assets.resolve import resolve
from penchant.text.encoders.decoder import decoder, is_decoder
from penchant.text.encoders.transformer import TransformerEncoder
from text.tiny_models import tiny_qwen3

WORDS = ["<pad>", "<eos>", "<unk>", "Instruct:", "Query:", "hot", "soup", "films", "music", "books", "a", "and", "find"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_qwen3(tmp_path_factory.mktemp("tiny"), WORDS)


class TestTinyQwen3(EncoderContract):
    @pytest.fixture
    def encoder(self, tiny: Path) -> TransformerEncoder:
        return decoder(tiny, "tiny")


class TestTinyQwen3WithMeanPooling(EncoderContract):
    @pytest.fixture
    def encoder(self, tiny: Path) -> TransformerEncoder:
        return decoder(tiny, "tiny", pooling="mean")


@pytest.mark.assets
class TestSmolLM2(EncoderContract):
    @pytest.fixture
    def encoder(self) -> TransformerEncoder:
        return decoder(resolve("SmolLM2-135M-Instruct").path, "smollm2", pooling="mean")

    def test_paraphrases_are_nearer_than_the_unrelated(self, encoder: TransformerEncoder) -> None:
        text, paraphrase, unrelated = encoder.encode(
            ["a film about toys that come alive", "an animated movie with living dolls", "quarterly tax report"]
        )
        assert text @ paraphrase > text @ unrelated + 0.02


def test_gives_the_state_of_the_last_token(tiny: Path) -> None:
    import torch
    from transformers import AutoModel

    model = AutoModel.from_pretrained(tiny).eval()
    ids = [*(WORDS.index(word) for word in ("hot", "soup")), WORDS.index("<eos>")]
    with torch.inference_mode():
        last = model(input_ids=torch.tensor([ids])).last_hidden_state[0, -1].numpy()
    (vector, _) = decoder(tiny, "tiny").encode(["hot soup", "a text that is longer and gets the padding right"])
    np.testing.assert_allclose(vector, last / np.linalg.norm(last), atol=1e-5)


def test_an_instruction_stands_before_the_text(tiny: Path) -> None:
    told, plain = decoder(tiny, "tiny", task="find soup"), decoder(tiny, "tiny")
    np.testing.assert_allclose(
        told.encode(["hot soup"]), plain.encode(["Instruct: find soup\nQuery: hot soup"]), atol=1e-5
    )
    assert np.abs(told.encode(["hot soup"]) - plain.encode(["hot soup"])).max() > 1e-3
    assert told.model_id != plain.model_id


def test_pooling_and_precision_change_vectors(tiny: Path) -> None:
    last, mean, coarse = (
        decoder(tiny, "tiny", **options).encode(["hot soup"])
        for options in ({}, {"pooling": "mean"}, {"precision": "bfloat16"})
    )
    assert np.abs(last - mean).max() > 1e-3
    assert 0 < np.abs(last - coarse).max() < 0.1


def test_a_text_is_cut_off_but_still_ends(tiny: Path) -> None:
    """3 tokens are two words and the end."""
    short = decoder(tiny, "tiny", max_tokens=3, token_budget=6)
    same, cut, other = short.encode(["hot soup", "hot soup and music", "hot books"])
    np.testing.assert_allclose(same, cut, atol=1e-5)
    assert np.abs(same - other).max() > 1e-3


@pytest.mark.parametrize(
    ("names", "expected"),
    [(["Qwen3ForCausalLM"], True), (["GPT2LMHeadModel"], True), (["BertModel"], False), (["BertForMaskedLM"], False)],
)
def test_what_was_made_for_writing(tmp_path: Path, names: list[str], expected: bool) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"architectures": names}))
    assert is_decoder(tmp_path) == expected

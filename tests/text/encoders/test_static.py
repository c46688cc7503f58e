from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from contracts.encoder_contract import EncoderContract
from penchant.records.errors import AssetError
from penchant.text.encoders.static import StaticEncoder

model2vec = pytest.importorskip("model2vec", reason="the folders to read are written by model2vec itself")

WORDS = ["[UNK]", "[PAD]", "hot", "soup", "films", "music", "汤", "..."]
READABLE = ["hot soup", "", "films about music", "汤", "unknown", "hot hot hot soup"]


def tokenizer() -> Tokenizer:
    made = Tokenizer(models.WordLevel({word: row for row, word in enumerate(WORDS)}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return made


def saved(folder: Path, **options: Any) -> Path:
    vectors = np.random.default_rng(0).normal(size=(len(WORDS), 8)).astype(np.float32)
    options = {"vectors": vectors, "normalize": True} | options
    model2vec.StaticModel(tokenizer=tokenizer(), **options).save_pretrained(folder)
    return folder


def known(vectors: np.ndarray) -> np.ndarray:
    return vectors[[0, 2, 3, 5]]


class TestStatic(EncoderContract):
    @pytest.fixture
    def encoder(self, tmp_path: Path) -> StaticEncoder:
        return StaticEncoder(saved(tmp_path), "static")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"vectors": np.random.default_rng(1).normal(size=(len(WORDS), 8)).astype(np.float16)},
        {"weights": np.linspace(0.1, 2, len(WORDS)).astype(np.float32)},
        {
            "vectors": np.random.default_rng(2).normal(size=(3, 8)).astype(np.float32),
            "token_mapping": np.array([0, 0, 1, 2, 1, 2, 0, 1]),
            "weights": np.linspace(0.1, 2, len(WORDS)).astype(np.float32),
        },
    ],
    ids=["plain", "half", "weights", "mapping"],
)
def test_gives_the_vectors_of_the_library(tmp_path: Path, options: dict[str, Any]) -> None:
    ours = StaticEncoder(saved(tmp_path, **options), "static").encode(READABLE)
    theirs = model2vec.StaticModel.from_pretrained(tmp_path).encode(READABLE)
    np.testing.assert_allclose(known(ours), known(theirs), atol=2e-3)


def test_texts_without_a_known_token_are_alike(tmp_path: Path) -> None:
    nothing, unknown = StaticEncoder(saved(tmp_path), "static").encode(["", "unknown"])
    np.testing.assert_array_equal(nothing, unknown)


def test_what_lies_behind_max_tokens_does_not_count(tmp_path: Path) -> None:
    short = StaticEncoder(saved(tmp_path), "static", max_tokens=2)
    hot, more = short.encode(["hot soup", "hot soup music"])
    np.testing.assert_array_equal(hot, more)
    assert short.model_id != StaticEncoder(tmp_path, "static").model_id


def test_more_texts_than_a_block(tmp_path: Path) -> None:
    encoder = StaticEncoder(saved(tmp_path), "static")
    np.testing.assert_array_equal(encoder.encode(READABLE * 300)[-6:], encoder.encode(READABLE))


def test_reads_what_sentence_transformers_saved(tmp_path: Path) -> None:
    library = pytest.importorskip("sentence_transformers", reason="compares with the library, which is in [dev]")
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    vectors = np.random.default_rng(3).normal(size=(len(WORDS), 8)).astype(np.float32)
    embedding = StaticEmbedding(tokenizer(), embedding_weights=vectors)
    library.SentenceTransformer(modules=[embedding]).save_pretrained(str(tmp_path))
    theirs = library.SentenceTransformer(str(tmp_path)).encode(["hot soup", "films"], normalize_embeddings=True)
    np.testing.assert_allclose(StaticEncoder(tmp_path, "static").encode(["hot soup", "films"]), theirs, atol=1e-5)


def test_another_folder_is_refused(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    with pytest.raises(AssetError, match="holds no static embeddings"):
        StaticEncoder(tmp_path, "static")
    saved(tmp_path)
    save_file({"x": np.ones(2)}, tmp_path / "model.safetensors")
    with pytest.raises(AssetError, match="holds no static embeddings"):
        StaticEncoder(tmp_path, "static")
    (tmp_path / "model.safetensors").write_bytes(b"12345678")
    with pytest.raises(AssetError, match="cannot be loaded"):
        StaticEncoder(tmp_path, "static")

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from penchant.records.errors import ConfigError
from penchant.text.encoders.checkpoint import Checkpoint
from penchant.text.encoders.folder import open_encoder
from penchant.text.encoders.transformer import TransformerEncoder
from penchant.text.tunable import TunableEncoder
from text.tiny_models import tiny_bert, tiny_qwen3

pytest.importorskip("peft", reason="LoRA is trained by peft, which is in [nlp]")

WORDS = ["soup", "spoon", "guitar", "song", "tent", "boot"]
TEXTS = ["soup spoon guitar song tent", "boot", "song soup"]
RANKS = {"full": 0, "lora": 2}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("bert") / "tiny", WORDS, positions=128)


def learn(tunable: TunableEncoder, texts: Sequence[str], rate: float = 0.05) -> None:
    """Two steps towards a corner (the low-rank updates begin at zero, and with them the gradient of one of their halves)."""
    for _ in range(2):
        tunable.train(True)
        tunable.vectors(tunable.encoder.tokenize(texts))[:, 0].sum().backward()
        with torch.no_grad():
            for value in tunable.learned:
                if value.grad is not None:
                    value += rate * value.grad
                    value.grad = None
        tunable.train(False)


@pytest.mark.parametrize("rank", RANKS.values(), ids=RANKS)
def test_before_it_learns_it_reads_as_the_encoder_does(tiny: Path, rank: int) -> None:
    encoder = TransformerEncoder(tiny, "tiny", prompt="soup ", pooling="cls")
    tunable = TunableEncoder(encoder, rank)
    with torch.no_grad():
        read = tunable.vectors(tunable.encoder.tokenize(TEXTS)).numpy()
    assert np.allclose(read, encoder.encode(TEXTS), atol=1e-6)
    assert tunable.vectors([]).shape == (0, 16)


@pytest.mark.parametrize("rank", RANKS.values(), ids=RANKS)
def test_what_it_learns_is_not_done_to_the_encoder_that_it_came_from(tiny: Path, rank: int) -> None:
    encoder = TransformerEncoder(tiny, "tiny")
    before = encoder.encode(TEXTS)
    tunable = TunableEncoder(encoder, rank)
    learn(tunable, TEXTS)
    assert np.abs(tunable.encoder.encode(TEXTS) - before).max() > 0.01
    assert (encoder.encode(TEXTS) == before).all()


def test_lora_leaves_the_weights_themselves_alone(tiny: Path) -> None:
    tunable = TunableEncoder(TransformerEncoder(tiny, "tiny"), rank=2)
    learn(tunable, TEXTS)
    own = dict(Checkpoint(tiny).model.named_parameters())
    kept = {name.replace(".base_layer", ""): value for name, value in tunable.encoder.model.named_parameters()}
    updates = [name for name in kept if "lora_" in name]
    assert {id(kept[name]) for name in updates} == {id(value) for value in tunable.learned}
    assert any(kept[name].abs().sum() for name in updates if "lora_B" in name)
    assert set(kept) - set(updates) == set(own)
    assert all((kept[name] == value).all() for name, value in own.items())


def test_going_back_makes_the_states_between_layers_anew_without_dropout(tiny: Path) -> None:
    tunable = TunableEncoder(TransformerEncoder(tiny, "tiny"), rank=0)
    calls: list[bool] = []
    tunable.encoder.model.encoder.layer[0].attention.register_forward_hook(lambda *_: calls.append(True))
    tokens = tunable.encoder.tokenize(TEXTS)
    tunable.train(True)
    first, second = (tunable.vectors(tokens) for _ in range(2))
    assert (first == second).all()
    calls.clear()
    first.sum().backward()  # type: ignore[no-untyped-call]
    assert len(calls) == 1
    tunable.train(False)
    tunable.vectors(tokens).sum().backward()  # type: ignore[no-untyped-call]
    assert len(calls) == 2  # the one of going there


@pytest.mark.parametrize("pooling", ["mean", "cls", "last"])
@pytest.mark.parametrize("rank", RANKS.values(), ids=RANKS)
def test_it_is_saved_as_a_folder_of_sentence_transformers(tiny: Path, tmp_path: Path, rank: int, pooling: str) -> None:
    tunable = TunableEncoder(TransformerEncoder(tiny, "tiny", pooling=pooling, prompt="soup ", max_tokens=6), rank)
    learn(tunable, TEXTS)
    read = tunable.encoder.encode(TEXTS)
    tunable.save(tmp_path)
    found = open_encoder(tmp_path, "tuned")
    assert np.allclose(found.encode(TEXTS), read, atol=1e-5)
    assert not list(tmp_path.rglob("*adapter*"))
    library = pytest.importorskip("sentence_transformers").SentenceTransformer(str(tmp_path), device="cpu")
    assert np.allclose(library.encode(TEXTS), read, atol=1e-5)


def test_a_decoder_learns_too(tmp_path: Path) -> None:
    (tmp_path / "qwen").mkdir()
    folder = tiny_qwen3(tmp_path / "qwen", ["<pad>", "<eos>", "<unk>", *WORDS])
    tunable = TunableEncoder(TransformerEncoder(folder, "qwen", pooling="last"), rank=2)
    before = tunable.encoder.encode(TEXTS)
    learn(tunable, TEXTS)
    read = tunable.encoder.encode(TEXTS)
    assert np.abs(read - before).max() > 0.01
    (tmp_path / "tuned").mkdir()
    tunable.save(tmp_path / "tuned")
    assert np.allclose(open_encoder(tmp_path / "tuned", "tuned").encode(TEXTS), read, atol=1e-5)


def test_layers_behind_the_pooling_do_not_learn(tiny: Path) -> None:
    class Half:
        width = 8

        def __call__(self, pooled_BD: torch.Tensor) -> torch.Tensor:
            return pooled_BD[:, :8]

    with pytest.raises(ConfigError, match="has layers behind its pooling, which don't learn"):
        TunableEncoder(TransformerEncoder(tiny, "tiny", layers=[Half()]), rank=0)

"""An encoder with learned tensors: the contract of encoders, and what makes it another one."""

from pathlib import Path

import numpy as np
import pytest

from contracts.encoder_contract import TEXTS, EncoderContract
from penchant.records.errors import ArtifactError
from penchant.text.encoders.transformer import TransformerEncoder
from penchant.text.reviews.tuned import TunedEncoder

NAME = "encoder.layer.1.output.dense.bias"
TENSORS = {NAME: np.linspace(-1, 1, 16).astype(np.float32)}


class TestTuned(EncoderContract):
    @pytest.fixture
    def encoder(self, tiny_bert: Path) -> TunedEncoder:
        return TunedEncoder(tiny_bert, "tiny", TENSORS, max_tokens=40)


def test_without_tensors_it_is_the_model_as_it_was(tiny_bert: Path) -> None:
    ours = TunedEncoder(tiny_bert, "tiny", prompt="the ", max_tokens=40).encode(TEXTS)
    plain = TransformerEncoder(tiny_bert, "tiny", prompt="the ", max_tokens=40).encode(TEXTS)
    np.testing.assert_allclose(ours, plain, atol=1e-6)


def test_tensors_change_vectors_and_the_name(tiny_bert: Path) -> None:
    before, after = TunedEncoder(tiny_bert, "tiny"), TunedEncoder(tiny_bert, "tiny", TENSORS)
    assert np.abs(before.encode(TEXTS) - after.encode(TEXTS)).max() > 0.01
    assert before.model_id != after.model_id
    assert after.model_id == TunedEncoder(tiny_bert, "tiny", TENSORS).model_id


def test_long_texts_are_cut(tiny_bert: Path) -> None:
    encoder = TunedEncoder(tiny_bert, "tiny", max_tokens=8)
    assert max(map(len, encoder.tokenize(["the room " * 30, "bed"]))) == 8


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({"strange": np.zeros(3, np.float32)}, "no place for 'strange'"),
        ({NAME: np.zeros(3, np.float32)}, "does not fit"),
    ],
)
def test_tensors_of_another_model_are_refused(tiny_bert: Path, tensors: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(ArtifactError, match=message):
        TunedEncoder(tiny_bert, "tiny", tensors).encode(["the room"])

import subprocess
import sys

import numpy as np
import pytest

from contracts.encoder_contract import EncoderContract
from penchant.text.encoders.hashing import HashingEncoder


class TestHashingEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self) -> HashingEncoder:
        return HashingEncoder()


def cosine(first: str, second: str) -> float:
    one, two = HashingEncoder(4096).encode([first, second])
    return float(one @ two)


def test_the_dimension_is_what_was_asked_for() -> None:
    assert HashingEncoder(64).encode(["soup"]).shape == (1, 64)
    assert HashingEncoder(64).model_id != HashingEncoder(65).model_id


def test_shared_words_make_texts_near() -> None:
    assert cosine("wireless noise cancelling headphones", "noise cancelling headphones") > 0.7
    assert abs(cosine("wireless noise cancelling headphones", "vegetable soup")) < 0.15


def test_shared_pieces_make_words_near() -> None:
    assert cosine("headphone", "headphones") > cosine("headphone", "keyboards") + 0.3


def test_case_does_not_matter_and_order_does_a_little() -> None:
    assert cosine("Hot SOUP", "hot soup") == pytest.approx(1)
    assert 0.5 < cosine("hot soup", "soup hot") < 0.999


def test_unrelated_features_cancel_on_average() -> None:
    """Signs keep the expected cosine of texts without a shared feature at 0; unsigned counts would push it up."""
    vectors = HashingEncoder(64).encode([chr(0x4E00 + row) * 3 for row in range(200)])
    cosines = (vectors @ vectors.T)[np.triu_indices(200, k=1)]
    assert abs(cosines.mean()) < 0.02


def test_is_the_same_in_another_process() -> None:
    code = (
        "from penchant.text.encoders.hashing import HashingEncoder\n"
        "print(HashingEncoder().encode(['hot soup']).tobytes().hex())"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == HashingEncoder().encode(["hot soup"]).tobytes().hex()

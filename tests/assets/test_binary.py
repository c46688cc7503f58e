import numpy as np
import pytest

from penchant.assets.binary import Binary, from_q4_1, from_q8_0


def halves(*values: float) -> np.ndarray:
    return np.array(values, "<f2").view("u1")


def test_the_place_moves_on_with_each_value() -> None:
    content = Binary(b"\x01\x02\x00" + np.array([1.5], "<f4").tobytes() + "汤".encode())
    assert content.take("BH") == (1, 2)
    assert content.array("<f4", 1).tolist() == [1.5]
    assert content.string(3) == "汤"


def test_the_end_of_the_content_is_told() -> None:
    with pytest.raises(ValueError, match="ends too early"):
        Binary(b"\x01").take("I")
    with pytest.raises(ValueError, match="buffer is smaller"):
        Binary(b"\x01").array("<f4", 1)


def test_4_bits_with_a_minimum() -> None:
    """Scale 2, minimum -1: low half 3 gives 3*2 - 1, high half 15 gives 15*2 - 1."""
    block = np.concatenate([halves(2, -1), np.full(16, 0xF3, "u1")])
    assert from_q4_1(block).tolist() == [5.0] * 16 + [29.0] * 16


def test_8_bits() -> None:
    block = np.concatenate([halves(0.25), np.arange(-16, 16).astype("i1").view("u1")])
    assert from_q8_0(block).tolist() == [value / 4 for value in range(-16, 16)]


def test_blocks_have_scales_of_their_own() -> None:
    one, two = (np.concatenate([halves(scale), np.ones(32, "u1")]) for scale in (1, 3))
    assert from_q8_0(np.concatenate([one, two])).tolist() == [1.0] * 32 + [3.0] * 32

"""Little-endian values in a file, read one after the other, and weights at 4 and 8 bits as ggml packs them."""

import struct
from typing import Any

import numpy as np

BLOCK = 32


class Binary:
    """A place in a file's content that moves on with each value. Raises ValueError at the end of the content."""

    def __init__(self, content: bytes, place: int = 0) -> None:
        self.content, self.place = content, place

    def take(self, kinds: str) -> tuple[Any, ...]:
        """Values in the letters of `struct`.

        >>> Binary(bytes([2, 0, 7])).take("HB")
        (2, 7)
        """
        try:
            values = struct.unpack_from("<" + kinds, self.content, self.place)
        except struct.error as error:
            raise ValueError(f"the file ends too early ({error})") from error
        self.place += struct.calcsize("<" + kinds)
        return values

    def array(self, kind: str, count: int) -> np.ndarray:
        values = np.frombuffer(self.content, kind, count, self.place)
        self.place += values.nbytes
        return values

    def string(self, length: int) -> str:
        return self.array("u1", length).tobytes().decode("utf-8")


def from_q4_0(content: np.ndarray) -> np.ndarray:
    """float32 values of blocks of 32: a half-precision scale, then numbers from -8 to 7, low halves of bytes first.

    >>> block = np.concatenate([np.array([0.5], "<f2").view("u1"), np.full(16, 0x9A, "u1")])
    >>> from_q4_0(block)[[0, 15, 16, 31]].tolist()
    [1.0, 1.0, 0.5, 0.5]
    """
    blocks = content.reshape(-1, 2 + BLOCK // 2)
    return ((_halves(blocks[:, 2:]) - 8) * _scale(blocks, 0)).reshape(-1)


def from_q4_1(content: np.ndarray) -> np.ndarray:
    """float32 values of blocks of 32: a half-precision scale and minimum, then numbers from 0 to 15."""
    blocks = content.reshape(-1, 4 + BLOCK // 2)
    return (_halves(blocks[:, 4:]) * _scale(blocks, 0) + _scale(blocks, 2)).reshape(-1)


def from_q8_0(content: np.ndarray) -> np.ndarray:
    """float32 values of blocks of 32: a half-precision scale, then numbers from -127 to 127."""
    blocks = content.reshape(-1, 2 + BLOCK)
    return (blocks[:, 2:].copy().view("i1").astype(np.float32) * _scale(blocks, 0)).reshape(-1)


def _halves(content: np.ndarray) -> np.ndarray:
    return np.concatenate([content & 15, content >> 4], axis=1).astype(np.float32)


def _scale(blocks: np.ndarray, place: int) -> np.ndarray:
    return blocks[:, place : place + 2].copy().view("<f2").astype(np.float32)

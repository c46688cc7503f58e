"""Which row holds a key: sorted arrays and a small dictionary, 24 bytes a row where a dictionary alone takes 200."""

from collections.abc import Sequence

import numpy as np

KEY_BYTES = 32
MAX_RECENT = 1 << 16


class KeyIndex:
    """Keys of 32 evenly spread bytes, each with its row; of a key that was added twice, the later row counts.

    Half of a key, 128 bits, tells it from others. Where two keys agree in the first 64 bits, which a billion rows
    would see once in 30 times, the earlier one may be taken for absent, but never for the other.

    >>> index = KeyIndex()
    >>> index.add([b"a" * 32, b"b" * 32], first_row=0)
    >>> index.find([b"b" * 32, b"c" * 32]).tolist()
    [1, -1]
    """

    def __init__(self) -> None:
        self._high = self._low = np.empty(0, np.uint64)
        self._rows = np.empty(0, np.int64)
        self._recent: dict[bytes, int] = {}

    def add(self, keys: Sequence[bytes], first_row: int) -> None:
        """The rows of the keys are `first_row` and those that follow."""
        self._recent.update((key, first_row + position) for position, key in enumerate(keys))
        if len(self._recent) > MAX_RECENT:
            self._settle()

    def find(self, keys: Sequence[bytes]) -> np.ndarray:
        """Row of each key, int64; -1 where there is none."""
        rows = self._find_settled(keys)
        if self._recent:
            recent = np.fromiter((self._recent.get(key, -1) for key in keys), np.int64, len(keys))
            rows = np.where(recent >= 0, recent, rows)
        return rows

    def _find_settled(self, keys: Sequence[bytes]) -> np.ndarray:
        if not len(self._rows) or not len(keys):
            return np.full(len(keys), -1)
        high, low = _halves(keys)
        places = np.maximum(np.searchsorted(self._high, high, side="right") - 1, 0)
        known = (self._high[places] == high) & (self._low[places] == low)
        return np.where(known, self._rows[places], -1)

    def _settle(self) -> None:
        high, low = _halves(list(self._recent))
        rows = np.concatenate([self._rows, np.fromiter(self._recent.values(), np.int64)])
        highs, lows = np.concatenate([self._high, high]), np.concatenate([self._low, low])
        order = np.lexsort((rows, highs))
        self._high, self._low, self._rows = highs[order], lows[order], rows[order]
        self._recent = {}


def _halves(keys: Sequence[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """The first and the second 64 bits of each key."""
    numbers = np.frombuffer(b"".join(keys), np.uint64).reshape(len(keys), KEY_BYTES // 8)
    return numbers[:, 0], numbers[:, 1]

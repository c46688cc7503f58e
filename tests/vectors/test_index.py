import sys

import numpy as np
import pytest

from penchant.vectors import index
from penchant.vectors.index import KeyIndex
from penchant.vectors.store import key_of


def keys_of(*numbers: int) -> list[bytes]:
    return [key_of("model", str(number)) for number in numbers]


@pytest.fixture(params=[0, 7, 1 << 16])
def max_recent(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """All keys sorted, some, none."""
    monkeypatch.setattr(index, "MAX_RECENT", request.param)
    return request.param


def test_finds_the_row_of_every_key(max_recent: int) -> None:
    made = KeyIndex()
    for start in range(0, 50, 5):
        made.add(keys_of(*range(start, start + 5)), first_row=start)
    order = np.random.default_rng(0).permutation(60)
    assert made.find(keys_of(*order)).tolist() == [number if number < 50 else -1 for number in order]


def test_the_later_row_of_a_key_counts(max_recent: int) -> None:
    made = KeyIndex()
    made.add(keys_of(*range(10)), first_row=0)
    made.add(keys_of(3, 5), first_row=10)
    made.add(keys_of(3), first_row=12)
    assert made.find(keys_of(2, 3, 5)).tolist() == [2, 12, 11]


def test_keys_that_agree_in_their_first_half_are_not_taken_for_each_other(max_recent: int) -> None:
    made = KeyIndex()
    made.add([b"a" * 8 + b"b" * 24], first_row=0)
    assert made.find([b"a" * 8 + b"c" * 24]).tolist() == [-1]


def test_nothing(max_recent: int) -> None:
    assert KeyIndex().find(keys_of(1)).tolist() == [-1]
    assert KeyIndex().find([]).tolist() == []


def test_takes_far_less_memory_than_a_dictionary() -> None:
    made, dictionary = KeyIndex(), {}
    for start in range(0, 300_000, 10_000):
        keys = keys_of(*range(start, start + 10_000))
        made.add(keys, first_row=start)
        dictionary.update({key: row for row, key in enumerate(keys)})
    settled = made._high.nbytes + made._low.nbytes + made._rows.nbytes
    of_dictionary = sys.getsizeof(dictionary) + sum(map(sys.getsizeof, dictionary))
    assert settled == 24 * len(made._rows)
    assert len(made._recent) <= index.MAX_RECENT
    assert of_dictionary / len(dictionary) > 24 * 4

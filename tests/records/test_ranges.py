from dataclasses import dataclass

import numpy as np
import pytest

from penchant.records.errors import ConfigError
from penchant.records.ranges import Range, check_fields, check_word


@pytest.mark.parametrize(
    ("allowed", "inside", "outside"),
    [
        (Range(least=0, below=1), [0, 0.5, np.float32(0.9)], [-1e-9, 1, float("nan"), "0.5", None, True]),
        (Range(above=0), [1e-30, 5], [0, -1, float("inf")]),
        (Range(least=1, whole=True), [1, np.int64(7)], [0, 1.0, True]),
        (Range(least=0.02, most=0.5), [0.02, 0.5], [0.019, 0.501]),
    ],
)
def test_ends_belong_to_a_range_or_do_not(allowed: Range, inside: list[object], outside: list[object]) -> None:
    assert all(value in allowed for value in inside)
    assert not any(value in allowed for value in outside)


def test_an_unknown_word_is_told_the_nearest() -> None:
    check_word("colour", "red", ["red", "green"])
    with pytest.raises(ConfigError, match=r"Unknown colour 'gren'. Did you mean 'green'\? Known: green, red."):
        check_word("colour", "gren", ["red", "green"])


@dataclass
class Settings:
    size: int = 3


def test_a_field_out_of_range_is_told_the_default() -> None:
    check_fields(Settings(), {"size": Range(least=1)})
    with pytest.raises(ConfigError, match=r"size must be a number of at least 1, found 0. The default is 3."):
        check_fields(Settings(size=0), {"size": Range(least=1)})

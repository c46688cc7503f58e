"""Limits by name; what each of them does is tested beside the layer that keeps to it."""

import pytest

from penchant.records.errors import ConfigError
from penchant.serving.access.limits import Limits


def test_limits_are_named_and_the_others_stay() -> None:
    found = Limits.of(["at_once=3", "answer_seconds=0.5"])
    assert (found.at_once, found.answer_seconds) == (3, 0.5)
    assert found.body_bytes == Limits().body_bytes == 1024 * 1024
    assert Limits.of([]) == Limits()


@pytest.mark.parametrize(
    ("pair", "told"),
    [
        ("at_onse=3", "'at_onse'. Did you mean 'at_once'"),
        ("at_once=0", "at_once is '0': Input should be greater than or equal to 1"),
        ("at_once", "at_once is '': "),
        ("json_depth=1000", "less than or equal to 200"),
        ("head_seconds=nan", "head_seconds"),
    ],
)
def test_limits_that_make_no_sense_are_told(pair: str, told: str) -> None:
    with pytest.raises(ConfigError) as found:
        Limits.of([pair])
    assert told in str(found.value)

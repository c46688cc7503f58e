"""What `test_wanted.py` does not see: rules in rows."""

import numpy as np
import pytest

from penchant.records.errors import ConfigError
from penchant.records.vocabulary import Vocabulary
from penchant.stages.rules import RuleWords, make_pins, make_rules


def test_kinds_of_rules_are_few() -> None:
    assert RuleWords.of({"caps": {"tags": 1}}) == RuleWords(caps={"tags": 1})
    with pytest.raises(ConfigError, match="Unknown rule 'limits'"):
        RuleWords.of({"limits": {}})


def test_pins_are_counted_from_the_top() -> None:
    assert make_pins({1: "b", 3: "a"}, Vocabulary(["a", "b"]), 3) == {0: 1, 2: 0}


def test_no_rules_are_none_and_barred_pins_are_named() -> None:
    assert make_rules([], {}, None, ["a", "b"]) is None
    with pytest.raises(ConfigError, match="'b' is pinned, but may not be shown"):
        make_rules([], {0: 1}, np.array([True, False]), ["a", "b"])

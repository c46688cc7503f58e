from dataclasses import fields
from typing import Any

import pytest

from penchant.models.network import RANGES, NetworkConfig
from penchant.records.errors import ConfigError
from penchant.stages.config import SIZES, resolve_config
from penchant.training.settings import TrainingConfig

WRONG_WORDS = {
    "aggregator": ("transfomer", "transformer"),
    "sharing": ("mmeo", "mmoe"),
    "balancer": ("upgrade", "upgrad"),
    "optimizer": ("adamm", "adam"),
    "schedule": ("cosinus", "cosine"),
    "precision": ("bfloat", "bfloat16"),
}
WRONG_NUMBERS: dict[str, list[Any]] = {
    "embedding_size": [0, 64.0, "64"],
    "num_blocks": [0],
    "num_heads": [0],
    "dropout": [1.0, -0.1],
    "id_dropout": [1.0],
    "max_length": [0],
    "expert_size": [0],
    "task_residual_size": [-1],
    "temperature": [0.0, 0.6],
    "patience": [0],
    "epochs": [0],
}


@pytest.mark.parametrize("option", WRONG_WORDS)
def test_an_unknown_word_is_told_the_nearest(option: str) -> None:
    wrong, right = WRONG_WORDS[option]
    with pytest.raises(ConfigError, match=f"{wrong!r}. Did you mean {right!r}"):
        resolve_config("tiny", 0, **{option: wrong})


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG_NUMBERS.items() for value in values]
)
def test_what_makes_no_sense_is_refused_at_once(name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=rf"{name} must be a .*, found {value!r}. The default is"):
        resolve_config("tiny", 0, **{name: value})


def test_every_number_of_the_network_has_a_range() -> None:
    assert {part.name for part in fields(NetworkConfig) if part.type in (int, float)} == set(RANGES)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"embedding_size": 63}, r"num_heads must divide embedding_size \(63\), found 2"),
        ({"balancer": "dwa", "weights": {"rating": 2.0}}, "finds its own weights"),
        ({"balancer": "dwa", "exact_gradients": True}, "Only gradient methods can be exact"),
        ({"exact_gradients": "no"}, "exact_gradients must be true or false, found 'no'"),
        ({"weights": {"rating": 0.0}}, "The weight of 'rating' must be a number above 0, found 0.0"),
        ({"learning_rat": 0.1}, "Did you mean 'learning_rate'"),
    ],
)
def test_contradictions_die_at_construction(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        resolve_config("tiny", 0, **options)


def test_sizes_that_one_trunk_refuses_suit_another() -> None:
    assert resolve_config("tiny", 0, embedding_size=63, aggregator="gru").network.embedding_size == 63


def test_options_find_their_place() -> None:
    config = resolve_config("tiny", 3, sharing="mmoe", ema=0.9, patience=2, weights={"rating": 2.0})
    assert (config.network.sharing, config.training.ema, config.patience) == ("mmoe", 0.9, 2)
    assert (config.training.seed, config.weights) == (3, {"rating": 2.0})
    assert SIZES["tiny"].training == TrainingConfig(epochs=14)

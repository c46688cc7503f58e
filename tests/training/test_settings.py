from dataclasses import fields
from typing import Any

import pytest

from penchant.records.errors import ConfigError
from penchant.training.settings import RANGES, TrainingConfig

WRONG: dict[str, list[Any]] = {
    "epochs": [0, 2.5],
    "learning_rate": [0.0, -1e-3, float("nan"), "0.1"],
    "num_positions": [0],
    "weight_decay": [-0.1],
    "id_decay": [-0.1],
    "max_norm": [0.0],
    "accumulate": [0, 1.5],
    "ema": [1.0, -0.1],
    "warm_up": [1.0, -0.1],
    "cosine_every": [-1],
    "negatives": [-1, 0.5],
    "seed": [-1],
    "precision": ["float16", "bf16"],
    "objective": [{"rating": 0.0}, {"rating": -1.0}, {"rating": "much"}],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_what_makes_no_sense_is_refused_at_once(name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=rf"(?s)({name}|objective).*(found|{value})"):
        TrainingConfig(**{name: value})


def test_every_number_has_a_range() -> None:
    numbers = {part.name for part in fields(TrainingConfig) if part.type in (int, float)}
    assert numbers == set(RANGES)


def test_the_nearest_precision_is_told() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'bfloat16'"):
        TrainingConfig(precision="float16")  # type: ignore[arg-type]

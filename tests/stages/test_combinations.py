"""Any aggregator with any sharing under any balancer: each pair of words is trained together at least once.

And each option, alone: something changes because of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import pytest
import torch

import penchant as pn
from penchant.models.network import NetworkConfig
from penchant.records.errors import ConfigError
from penchant.stages.balancers import FIXED, GRADIENT_METHODS, WORDS
from penchant.stages.build import AGGREGATORS, SHARING
from penchant.stages.config import Config, resolve_config
from penchant.stages.encode import Encoded, encode
from penchant.stages.fitting import FittedNetwork, fit_network, make_tasks
from penchant.stages.learning import OPTIMIZERS, SCHEDULES
from penchant.training.settings import TrainingConfig

NUM_USERS, NUM_ITEMS, NUM_STEPS = 16, 12, 8
SMALL = {
    "embedding_size": 16,
    "expert_size": 8,
    "num_blocks": 1,
    "num_positions": 48,
    "learning_rate": 0.01,
    "epochs": 4,
}
LABELS: dict[str, tuple[float, list[str]]] = {  # share of events that are rated, and the tasks
    "some missing": (0.5, ["next_item", "rating", "like", "tags"]),
    "one task": (1.0, ["next_item"]),
    "very different sizes": (0.06, ["next_item", "rating", "like", "tags:rate=0.3"]),
}


class Words(NamedTuple):
    """What one network is made of. `balancer`: the word, and whether it is exact."""

    balancer: tuple[str, bool]
    aggregator: str
    sharing: str
    labels: str
    residual: int


BALANCERS = [*((word, False) for word in WORDS), *((word, True) for word in GRADIENT_METHODS)]
CHOICES: tuple[Sequence[Any], ...] = (BALANCERS, list(AGGREGATORS), list(SHARING), list(LABELS), (0, 4))


def covering() -> Iterator[Words]:
    """Every balancer with every aggregator; the small choices go round along the diagonals, so that each meets each."""
    for row, balancer in enumerate(BALANCERS):
        for column, aggregator in enumerate(AGGREGATORS):
            turns = row + column
            yield Words(
                balancer=balancer,
                aggregator=aggregator,
                sharing=list(SHARING)[turns % len(SHARING)],
                labels=list(LABELS)[turns % len(LABELS)],
                residual=(0, 4)[(column + row // 4) % 2],
            )


def test_every_two_words_meet() -> None:
    rows = list(covering())
    assert len(rows) == len(BALANCERS) * len(AGGREGATORS)
    for first, second in combinations(range(len(CHOICES)), 2):
        met = {(row[first], row[second]) for row in rows}
        assert len(met) == len(CHOICES[first]) * len(CHOICES[second]), (Words._fields[first], Words._fields[second])


def ring(rated: float) -> Encoded:
    """People walk along a ring of items; a share of the events is rated, even items 5, odd ones 1."""
    rng = np.random.default_rng(0)
    rows = [
        (f"u{user}", f"i{item}", step, (5 if item % 2 == 0 else 1) if rng.random() < rated else None)
        for step in range(NUM_STEPS)
        for user in range(NUM_USERS)
        for item in [(user + step) % NUM_ITEMS]
    ]
    events = pl.DataFrame(rows, schema=["user_id", "item_id", "timestamp", "rating"], orient="row")
    names = ["space", "garden", "kitchen"]
    items = [{"item_id": f"i{item}", "title": f"thing {item}", "tags": names[item % 3]} for item in range(NUM_ITEMS)]
    return encode(pn.read(events, items=items), "hashing")


@pytest.fixture(scope="module")
def rings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Encoded]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PENCHANT_CACHE", str(tmp_path_factory.mktemp("cache")))
        return {name: ring(rated) for name, (rated, _) in LABELS.items()}


def fit(encoded: Encoded, tasks: Sequence[str], **options: Any) -> FittedNetwork:
    config = resolve_config("tiny", **{"seed": 0, **SMALL, **options})
    return fit_network(encoded.events, encoded, make_tasks(tasks, encoded), config)


@pytest.mark.parametrize("words", list(covering()), ids=lambda words: "-".join(map(str, words)))
def test_it_trains_and_the_loss_falls(words: Words, rings: dict[str, Encoded]) -> None:
    torch.set_num_threads(1)
    balancer, exact = words.balancer
    tasks = LABELS[words.labels][1]
    found = fit(
        rings[words.labels],
        tasks,
        aggregator=words.aggregator,
        sharing=words.sharing,
        balancer=balancer,
        exact_gradients=exact,
        task_residual_size=words.residual,
    )
    first, last = found.trained.curves[0].losses, found.trained.curves[-1].losses
    assert list(last) == [task.partition(":")[0] for task in tasks]
    assert all(np.isfinite([*last.values()]))
    assert sum(last.values()) < sum(first.values()), (first, last)
    assert all(value.isfinite().all() for value in found.source.network.parameters())


ALL = ["next_item", "rating", "like", "tags"]
OTHER: dict[str, list[Any]] = {  # for each option, values that are not those of `SMALL` and the size
    "aggregator": [word for word in AGGREGATORS if word != "transformer"],
    "sharing": [word for word in SHARING if word != "ple"],
    "embedding_size": [8],
    "num_blocks": [2],
    "num_heads": [4],
    "dropout": [0.0],
    "id_dropout": [0.9],
    "max_length": [4],
    "expert_size": [4],
    "task_residual_size": [4],
    "temperature": [0.1],
    "epochs": [2],
    "learning_rate": [0.001],
    "num_positions": [96],
    "negatives": [2],
    "weight_decay": [0.5],
    "id_decay": [0.5],
    "warm_up": [0.9],
    "max_norm": [0.01],
    "optimizer": [word for word in OPTIMIZERS if word != "adamw"],
    "schedule": [word for word in SCHEDULES if word not in ("cosine", "plateau")],
    "accumulate": [2],
    "ema": [0.9],
    "precision": ["bfloat16"],
    "seed": [1],
    "balancer": [word for word in WORDS if word != FIXED],
    "weights": [{"rating": 3.0}],
}
FINE_TUNING = ("fine_tune", "fine_tune_items", "fine_tune_rate")
BESIDE_WEIGHTS = ("exact_gradients", "objective", "patience", "cosine_every", "size", "device", *FINE_TUNING)
"""These have a test of their own below or in test_fine_tuning.py and training/test_devices.py; `size` names all the others."""
Bits = bytes


def bits(found: FittedNetwork) -> Bits:
    return b"".join(value.numpy().tobytes() for value in found.source.network.state_dict().values())


@pytest.fixture(scope="module")
def seen() -> dict[Bits, str]:
    """What each option led to, by the bits of the weights: no two may lead to the same."""
    return {}


def test_every_option_is_tried() -> None:
    known = {part.name for config in (NetworkConfig, TrainingConfig, Config) for part in fields(config)}
    untried = known - {"network", "training", *OTHER, *BESIDE_WEIGHTS}
    assert not untried, "a new option needs a value here that changes the weights, or a test of its own"


@pytest.mark.parametrize(("option", "value"), [(name, value) for name, values in OTHER.items() for value in values])
def test_each_option_changes_the_weights(
    option: str, value: Any, rings: dict[str, Encoded], seen: dict[Bits, str]
) -> None:
    torch.set_num_threads(1)
    if not seen:
        seen[bits(fit(rings["some missing"], ALL, epochs=3))] = "the default"
    found = bits(fit(rings["some missing"], ALL, **{"epochs": 3, option: value}))
    assert found not in seen, f"{option}={value} is {seen[found]}"
    seen[found] = f"{option}={value}"


@pytest.mark.parametrize("word", ["rating:loss=huber", "rating:loss=ordinal", "rating:weight=2", "rating:rate=0.5"])
def test_each_option_of_a_task_changes_the_weights(word: str, rings: dict[str, Encoded]) -> None:
    torch.set_num_threads(1)
    plain, other = (bits(fit(rings["one task"], ["next_item", task], epochs=2)) for task in ("rating", word))
    assert plain != other


@pytest.mark.parametrize("word", GRADIENT_METHODS)
def test_exact_gradients_change_the_weights(word: str, rings: dict[str, Encoded]) -> None:
    torch.set_num_threads(1)
    quick, exact = (
        bits(fit(rings["some missing"], ALL, balancer=word, exact_gradients=exact, epochs=1)) for exact in (False, True)
    )
    assert quick != exact


def test_what_is_best_follows_the_objective_and_when_to_stop_the_patience(rings: dict[str, Encoded]) -> None:
    """One score rises for ever, the other falls."""
    epoch = iter(range(100))

    def fitted(**options: Any) -> FittedNetwork:
        config = resolve_config("tiny", 0, **{**SMALL, "epochs": 6, **options})
        encoded, tasks = rings["one task"], ["next_item", "rating"]

        def scores(*_: Any) -> dict[str, float]:
            number = next(epoch)
            return {"next_item": number, "rating": -number}

        return fit_network(encoded.events, encoded, make_tasks(tasks, encoded), config, validate=scores)

    assert fitted().trained.best_epoch == 6
    assert fitted(objective={"rating": 1.0}).trained.best_epoch == 1
    assert [len(fitted(objective={"rating": 1.0}, patience=n).trained.curves) for n in (1, 3)] == [2, 4]
    curve = fitted(cosine_every=1).trained.curves[0]
    assert curve.cosines.keys() == {"next_item|rating"}
    assert not fitted(cosine_every=0).trained.curves[0].cosines


def test_what_contradicts_itself_dies_before_anything_is_read() -> None:
    with pytest.raises(ConfigError, match="finds its own weights"):
        resolve_config("tiny", 0, balancer="upgrad", weights={"rating": 0.5})
    with pytest.raises(ConfigError, match="Only gradient methods can be exact, found 'sum'"):
        resolve_config("tiny", 0, balancer="sum", exact_gradients=True)
    with pytest.raises(ConfigError, match=r"Did you mean 'mmoe'\? Known: mmoe, ple, separate, shared-bottom"):
        resolve_config("tiny", 0, sharing="mmoee")
    with pytest.raises(ConfigError, match=r"Did you mean 'multi-interest'\?"):
        resolve_config("tiny", 0, aggregator="multi_interest")
    with pytest.raises(ConfigError, match=r"Did you mean 'nash-mtl'\?"):
        resolve_config("tiny", 0, balancer="nash_mtl")


def test_the_weight_of_a_task_contradicts_a_balancer_that_finds_its_own(rings: dict[str, Encoded]) -> None:
    with pytest.raises(ConfigError, match=r"Balancer 'famo' finds its own weights, found \{'rating': 0.5\}"):
        fit(rings["some missing"], ["next_item", "rating:weight=0.5"], balancer="famo")

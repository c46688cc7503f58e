"""Controls of known answer, and that both sides get the same."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from torch import Tensor

from penchant.data.split import leave_last_out
from penchant.evaluation.gains import HELPS, HURTS, VERDICTS
from penchant.records.data import Data
from penchant.records.errors import ConfigError, LeakError
from penchant.stages.config import Config, resolve_config
from penchant.stages.encode import Encoded, encode
from penchant.stages.task_twins import JOINT, alone, task_twins
from penchant.stages.twin_learning import Ground, learn
from penchant.tasks.like import Like
from penchant.tasks.next_item import NextItem
from penchant.tasks.tables import Asked
from penchant.tasks.task import Facts, Task


@pytest.fixture(scope="module")
def encoded(shop: Data, tmp_path_factory: pytest.TempPathFactory) -> Encoded:
    patch = pytest.MonkeyPatch()
    patch.setenv("PENCHANT_CACHE", str(tmp_path_factory.mktemp("cache")))
    return encode(shop, "hashing")


def settings(**options: Any) -> Config:
    return resolve_config("tiny", 0, **{"epochs": 3, "embedding_size": 16, "num_positions": 256, **options})


class Again(NextItem):
    """The same label, loss and reading as the next item."""

    name = "again"


class Avoid(NextItem):
    """What comes next is pushed down as much as the next item pulls it up: together they learn nothing."""

    name = "avoid"

    def loss(self, outputs: Tensor, labels: Tensor) -> Tensor:
        return -super().loss(outputs, labels)


class Coin(Like):
    """A label that says nothing, and shouts."""

    name = "coin"
    default_weight = 300.0

    def labels(self, asked: Asked, facts: Facts) -> np.ndarray:
        coins = np.random.default_rng(7).integers(0, 2, (len(asked), 1))
        return coins.astype(np.float32)


def cosines(found: dict[str, Any], *tasks: str) -> list[float]:
    return [one["value"] for one in found["cosines"] if one["tasks"] == list(tasks)]


def verdicts(found: dict[str, Any]) -> dict[str, str]:
    return {one["task"]: one["verdict"] for one in found["verdicts"]}


def test_the_cosine_tells_the_same_task_from_its_opposite(encoded: Encoded) -> None:
    found = task_twins(encoded, settings(), [NextItem(), Again(), Avoid(weight=2)], seeds=(0,))
    assert cosines(found, "next_item", "again") == pytest.approx([1.0] * 3, abs=1e-4)
    assert cosines(found, "next_item", "avoid") == pytest.approx([-1.0] * 3, abs=1e-4)
    assert len(found["cosines"]) == 3 * 3
    hurt = found["verdicts"][0]
    assert (hurt["task"], hurt["verdict"]) == ("next_item", HURTS)
    assert "oppose those of avoid (mean cosine -1.00)" in hurt["advice"]


def test_a_task_that_is_there_twice_does_not_hurt(encoded: Encoded) -> None:
    found = task_twins(encoded, settings(), [NextItem(), Again()], seeds=(0, 1))
    assert HURTS not in verdicts(found).values()


def test_loud_noise_does_not_help(encoded: Encoded) -> None:
    """Next to nothing of a step is left for the ring."""
    found = task_twins(encoded, settings(epochs=8, patience=8), [NextItem(), Coin()], seeds=(0, 1))
    network = next(one for one in found["differences"] if (one["task"], one["row"]) == ("next_item", "network alone"))
    assert network["joint"] < network["twin"]
    assert verdicts(found)["next_item"] == HURTS
    assert verdicts(found)["coin"] != HELPS
    assert found["delta_m"]["value"] < 0


def test_both_sides_get_the_same(encoded: Encoded) -> None:
    made: Sequence[Task] = [NextItem(), Like()]
    config = settings(epochs=2)
    ground = Ground.of(encoded, made, "global-time", 0, 10, False)
    joint = learn(ground, made, config, ())
    for task in made:
        twin = learn(ground, [task], alone(config, task.name), ())
        for ours, theirs in ((joint.chosen, twin.chosen), (joint.final, twin.final)):
            assert ours.curves[0].num_positions == theirs.curves[0].num_positions
        assert joint.chosen.curves[0].num_epochs == twin.chosen.curves[0].num_epochs == 2
        assert set(twin.chosen.curves[0].losses) == set(twin.chosen.curves[0].scores) == {task.name}
        for name, predicted in twin.predicted.items():
            assert (predicted.labels == joint.predicted[name].labels).all()
            assert (predicted.user_rows == joint.predicted[name].user_rows).all()
            assert (predicted.values != joint.predicted[name].values).any()
        assert {row: len(values) for row, values in twin.ndcg.items()} in (
            {},
            dict.fromkeys(twin.ndcg, len(ground.asked)),
        )


def test_a_twin_has_nothing_to_balance() -> None:
    config = settings(balancer="pcgrad", exact_gradients=True, objective={"rating": 1.0}, dropout=0.1)
    twin = alone(config, "like")
    assert (twin.balancer, twin.weights, twin.exact_gradients, twin.training.objective) == (
        "fixed",
        {"like": 1.0},
        False,
        {},
    )
    assert twin.network == config.network
    assert replace(twin.training, objective={"rating": 1.0}) == config.training


def test_the_file_has_every_section(encoded: Encoded) -> None:
    found = task_twins(encoded, settings(epochs=1), ["rating", "like"], protocol="leave-last-out", seeds=(0, 1), k=5)
    assert found["protocol"]["name"] == "leave-last-out"
    assert [(one["network"], one["seed"]) for one in found["budgets"]] == [
        (name, seed) for name in (JOINT, "rating", "like") for seed in (0, 1)
    ]
    assert {one["most_epochs"] for one in found["budgets"]} == {1}
    assert [one["task"] for one in found["verdicts"]] == ["rating", "like"]
    metrics = [(one["task"], one["metric"]) for one in found["differences"]]
    assert metrics[:2] == [("rating", "rmse"), ("rating", "mae")]
    for one in found["differences"]:
        sign = 1 if one["direction"] == "max" else -1
        assert one["value"] == pytest.approx(sign * (one["joint"] - one["twin"]))
        assert one["low"] <= one["high"]
        assert len(one["by_seed"]) == 2
        assert one["verdict"] in VERDICTS
    assert len(found["delta_m"]["by_seed"]) == 2


def test_what_cannot_be_compared_is_told(encoded: Encoded) -> None:
    with pytest.raises(ConfigError, match=r"two or more, found \['like'\]"):
        task_twins(encoded, settings(), ["like"])
    with pytest.raises(ConfigError, match=r"Seeds differ.*found \[1, 1\]"):
        task_twins(encoded, settings(), seeds=(1, 1))
    with pytest.raises(ConfigError, match="Did you mean 'global-time'"):
        task_twins(encoded, settings(), ["rating", "like"], protocol="globaltime")


def test_leaks_are_refused_or_told(encoded: Encoded) -> None:
    split = leave_last_out(encoded.events)
    own = np.where(split.test, "test", np.where(split.valid, "valid", "train"))
    copied = np.flatnonzero(split.train)[:5]
    leaky = replace(
        encoded,
        events=encoded.events.take(np.concatenate([copied, np.arange(len(own))])),
        parts=np.concatenate([["test"] * len(copied), own]),
    )
    with pytest.raises(LeakError, match="the same event is in training and in the test"):
        task_twins(leaky, settings(epochs=1), ["rating", "like"], protocol="column", seeds=(0,))
    found = task_twins(leaky, settings(epochs=1), ["rating", "like"], protocol="column", seeds=(0,), allow_leaks=True)
    assert found["protocol"]["allowed_leaks"] == ["the same event is in training and in the test (5 rows)"]

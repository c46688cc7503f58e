"""Any aggregator with any sharing under any balancer: each pair of words is trained together at least once."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import pytest
import torch

import penchant as pn
from penchant.records.errors import ConfigError
from penchant.stages.balancers import FIXED, GRADIENT_METHODS, WORDS
from penchant.stages.build import AGGREGATORS, SHARING
from penchant.stages.config import resolve_config
from penchant.stages.encode import Encoded, encode
from penchant.stages.fitting import FittedNetwork, fit_network, make_tasks

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
    config = resolve_config("tiny", 0, **{**SMALL, **options})
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

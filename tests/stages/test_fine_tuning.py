"""Shops whose items look alike to a model that has learned nothing: one word among many says what comes next."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

import penchant as pn
from penchant.records.data import Data
from penchant.records.errors import ConfigError
from penchant.stages.config import resolve_config
from penchant.stages.encode import Encoded, encode
from penchant.stages.fitting import FittedNetwork, fit_network, make_tasks
from text.tiny_models import tiny_bert

pytest.importorskip("peft", reason="LoRA is trained by peft, which is in [nlp]")

NOISE, PLACES = [f"n{number}" for number in range(40)], ["sea", "hill", "wood", "town"]
NUM_ITEMS, NUM_USERS, NUM_STEPS = 48, 40, 8
QUICK: dict[str, Any] = {
    "embedding_size": 16,
    "expert_size": 8,
    "num_positions": 96,
    "learning_rate": 0.01,
    "epochs": 10,
    "dropout": 0.0,
    "id_dropout": 0.95,
}
FULL: dict[str, Any] = {"fine_tune": "full", "fine_tune_rate": 1e-3}
LORA: dict[str, Any] = {"fine_tune": "lora", "fine_tune_rate": 1e-2}


@pytest.fixture(scope="module")
def blind(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("bert") / "blind", [*NOISE, *PLACES], positions=128)


@pytest.fixture(scope="module")
def shop() -> Data:
    """People go from the sea to the hill to the wood to the town, whatever else is said of what they meet."""
    rng = np.random.default_rng(0)
    titles = [" ".join(rng.permutation([*rng.choice(NOISE, 8), PLACES[item % 4]])) for item in range(NUM_ITEMS)]
    rows = [
        (f"u{user}", f"i{4 * rng.integers(NUM_ITEMS // 4) + (user + step) % 4}", step)
        for step in range(NUM_STEPS)
        for user in range(NUM_USERS)
    ]
    events = pl.DataFrame(rows, schema=["user_id", "item_id", "timestamp"], orient="row")
    return pn.read(events, items=[{"item_id": f"i{row}", "title": title} for row, title in enumerate(titles)])


@pytest.fixture(scope="module")
def encoded(shop: Data, blind: Path, tmp_path_factory: pytest.TempPathFactory) -> Encoded:
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PENCHANT_CACHE", str(tmp_path_factory.mktemp("cache")))
        return encode(shop, str(blind))


def learn(encoded: Encoded, tasks: tuple[str, ...] = ("next_item",), **options: Any) -> FittedNetwork:
    config = resolve_config("tiny", 0, **{**QUICK, **options})
    return fit_network(encoded.events, encoded, make_tasks(tasks, encoded), config)


def last_loss(found: FittedNetwork) -> float:
    return found.trained.curves[-1].losses["next_item"]


def told_apart(vectors: np.ndarray) -> float:
    """How much nearer items of one place are than others, as cosines about their mean."""
    centred = vectors - vectors.mean(axis=0)
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    cosines, places = centred @ centred.T, np.arange(len(vectors)) % 4
    same = places[:, None] == places
    return float(cosines[same & ~np.eye(len(vectors), dtype=bool)].mean() - cosines[~same].mean())


def test_it_learns_to_read_what_the_frozen_one_does_not_see(encoded: Encoded) -> None:
    frozen, full = learn(encoded), learn(encoded, **FULL)
    assert last_loss(full) < last_loss(frozen) - 0.02
    assert told_apart(full.encoded.item_vectors) > told_apart(encoded.item_vectors) + 0.05
    assert frozen.encoded is encoded


def test_a_rate_of_next_to_nothing_is_the_frozen_model(encoded: Encoded) -> None:
    frozen, still = learn(encoded), learn(encoded, fine_tune="full", fine_tune_rate=1e-9)
    assert last_loss(still) == pytest.approx(last_loss(frozen), abs=0.02)


def test_what_cannot_be_tuned_is_refused(encoded: Encoded) -> None:
    with pytest.raises(ConfigError, match=r"Did you mean 'lora'\? Known: frozen, full, lora"):
        resolve_config("tiny", 0, fine_tune="lorra")
    with pytest.raises(ConfigError, match="fine_tune_items has no effect on a frozen language model"):
        resolve_config("tiny", 0, fine_tune_items=3)
    with pytest.raises(ConfigError, match="fine_tune_rate must be a number above 0, found -1"):
        resolve_config("tiny", 0, fine_tune="full", fine_tune_rate=-1)

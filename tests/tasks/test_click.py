import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import penchant as pn
from contracts.task_contract import FACTS, TaskContract, sure
from penchant.records.errors import ConfigError
from penchant.stages.config import resolve_config
from penchant.stages.encode import encode
from penchant.stages.fitting import fit_network, make_tasks
from penchant.tasks.click import Click
from penchant.tasks.tables import ask_impressions


class TestClick(TaskContract):
    def make(self, weight: float | None = None, rate: float = 1.0) -> Click:
        return Click(weight, rate)

    def perfect(self, labels: np.ndarray) -> np.ndarray:
        return sure(labels)


def test_a_label_for_each_impression() -> None:
    task, asked = TestClick().asked()
    assert task.labels(asked, FACTS).ravel().tolist() == asked.outcomes["clicked"].tolist()


@pytest.mark.parametrize("word", ["click", "conversion"])
def test_without_impressions_it_is_said_what_they_are(word: str) -> None:
    data = pn.read([{"user_id": f"u{row % 3}", "item_id": f"i{row % 4}", "kind": "click"} for row in range(9)])
    with pytest.raises(ConfigError, match=r"the data hold no impressions\. An impression is an event of the kind `imp"):
        make_tasks([word], encode(data, "hashing"))


def test_impressions_without_a_click_say_nothing() -> None:
    shown = pl.DataFrame({"user_id": ["a", "b"], "item_id": ["x", "y"], "kind": ["impression"] * 2})
    with pytest.raises(ConfigError, match=r"all its labels are 0\.0"):
        make_tasks(["click"], encode(pn.read(shown), "hashing"))


@pytest.mark.skipif("PENCHANT_DATA" not in os.environ, reason="$PENCHANT_DATA names no folder of data sets")
def test_clicks_on_news_are_learned_from_a_real_log() -> None:
    """Some readers of MIND: three epochs leave less than the constant's loss on the rows that they saw."""
    shown = pl.read_parquet(Path(os.environ["PENCHANT_DATA"]) / "mind_sample" / "interactions.parquet")
    some = shown.filter(pl.col("user_id").is_in(shown["user_id"].unique().sort().head(300).to_list()))
    encoded = encode(pn.read(some.select("user_id", "item_id", "timestamp", kind="event_type")), "hashing")
    config = resolve_config("tiny", 0, epochs=3, embedding_size=16, num_positions=512)
    found = fit_network(encoded.events, encoded, make_tasks(["click"], encoded), config)
    asked = ask_impressions(encoded.events)
    assert len(asked) == len(some)  # whatever was shown, clicked or not, is asked about
    assert 0.02 < asked.outcomes["clicked"].mean() < 0.08
    assert found.trained.curves[-1].losses["click"] < 1

import numpy as np
import polars as pl
import pytest

import penchant as pn
from contracts.task_contract import FACTS, TaskContract, sure
from penchant.records.errors import ConfigError
from penchant.stages.encode import encode
from penchant.stages.fitting import make_tasks
from penchant.tasks.click import Click


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

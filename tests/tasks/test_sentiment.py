from pathlib import Path

import numpy as np
import polars as pl
import pytest

from contracts.task_contract import FACTS, TaskContract
from penchant.records.errors import DataError
from penchant.tasks.sentiment import Sentiment


class TestSentiment(TaskContract):
    def make(self, weight: float | None = None, rate: float = 1.0) -> Sentiment:
        return Sentiment(weight, rate)

    def perfect(self, labels: np.ndarray) -> np.ndarray:
        return 9 * np.eye(2)[labels[:, 0].astype(int)]


class TestSentimentOfThreeClasses(TestSentiment):
    def make(self, weight: float | None = None, rate: float = 1.0) -> Sentiment:
        labelled = pl.DataFrame({"text": ["good", "bad", "so so"], "label": ["joy", "anger", "boredom"]})
        return Sentiment(weight, rate, labelled)

    def perfect(self, labels: np.ndarray) -> np.ndarray:
        return 9 * np.eye(3)[labels[:, 0].astype(int)]


def test_stars_are_feelings_but_for_those_in_the_middle() -> None:
    task, asked = TestSentiment().asked()
    by_stars = {1: 0, 2: 0, 3: np.nan, 4: 1, 5: 1}  # (2 - 1) / 4 <= .4, (4 - 1) / 4 >= .6
    expected = [by_stars[int(value)] for value in asked.events.values]
    np.testing.assert_array_equal(task.labels(asked, FACTS)[:, 0], expected)
    assert task.columns == ("negative", "positive")


def test_labelled_texts_go_over_stars_and_all_others_have_no_label(tmp_path: Path) -> None:
    _, asked = TestSentiment().asked()
    (tmp_path / "labels.csv").write_text("text,label\ngood,3\nbad ,1\n", encoding="utf-8")
    task = Sentiment(labelled=tmp_path / "labels.csv")
    assert task.columns == ("1", "3")
    by_text = {"good": 1, "bad": 0, "so so": np.nan}
    expected = [by_text[FACTS.texts[row]] for row in asked.events.text_rows]
    np.testing.assert_array_equal(task.labels(asked, FACTS)[:, 0], expected)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"text": ["good"], "feeling": ["joy"]}, "need the columns text and label, found text, feeling"),
        ({"text": ["good", "good "], "label": ["joy", "anger"]}, "'good' has two"),
    ],
)
def test_a_table_that_does_not_tell_is_refused(table: dict[str, list[str]], message: str) -> None:
    with pytest.raises(DataError, match=message):
        Sentiment(labelled=pl.DataFrame(table))

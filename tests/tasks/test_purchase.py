import numpy as np

from contracts.task_contract import FACTS, TaskContract, sure
from penchant.records import words
from penchant.records.events import Events
from penchant.tasks.purchase import Purchase
from penchant.tasks.tables import ask_events


class TestPurchase(TaskContract):
    def make(self, weight: float | None = None, rate: float = 1.0) -> Purchase:
        return Purchase(weight, rate)

    def perfect(self, labels: np.ndarray) -> np.ndarray:
        return sure(labels)


def shopping(*rows: tuple[int, int, str]) -> Events:
    """(person, item, kind) in order, all at one time but for the last."""
    users, items, kinds = zip(*rows, strict=True)
    return Events(
        user_rows=np.array(users, np.int32),
        item_rows=np.array(items, np.int32),
        timestamps=np.array([5] * (len(rows) - 1) + [9], np.int64),
        values=np.full(len(rows), np.nan, np.float32),
        kinds=np.array([words.KINDS.index(kind) for kind in kinds], np.int16),
        text_rows=np.full(len(rows), -1, np.int32),
    )


def labels_of(events: Events) -> list[float]:
    return [float(label) for label in Purchase().labels(ask_events(events), FACTS)[:, 0]]


def test_what_is_turned_to_is_bought_by_the_same_person_further_on() -> None:
    events = shopping((0, 1, "view"), (0, 2, "click"), (1, 1, "play"), (0, 1, "purchase"), (0, 1, "view"))
    np.testing.assert_array_equal(labels_of(events), [1, 0, 0, np.nan, 0])


def test_purchases_ratings_searches_and_dislikes_have_no_label() -> None:
    events = shopping((0, -1, "search"), (0, 1, "rate"), (0, 1, "dislike"), (0, 1, "view"), (0, 1, "purchase"))
    np.testing.assert_array_equal(labels_of(events), [np.nan, np.nan, np.nan, 1, np.nan])


def test_nothing_of_a_later_split_is_seen() -> None:
    events = shopping((0, 1, "view"), (0, 2, "view"), (0, 1, "purchase"))
    assert labels_of(events)[:2] == [1, 0]
    assert labels_of(events.take(events.timestamps < 9)) == [0, 0]

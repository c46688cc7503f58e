from pathlib import Path

import numpy as np
import polars as pl
import pytest

from penchant.records import words
from penchant.records.errors import ArtifactError
from penchant.stages import learner as module
from penchant.stages.learner import Learner, lists_of

VECTORS = np.random.default_rng(0).normal(size=(12, 8))


@pytest.fixture
def learner() -> Learner:
    return Learner.start(VECTORS)


def some(learner: Learner, *items: str) -> dict[str, np.ndarray]:
    width = learner.thompson.pairs.num_features
    return {item: np.full(width, place + 1, np.float32) / width for place, item in enumerate(items)}


def num_learned(learner: Learner) -> int:
    return learner.thompson.posterior.num_events


def test_a_list_that_was_not_shown_teaches_nothing(learner: Learner) -> None:
    learner.offer(["u"], [some(learner, "a", "b")])
    assert not learner.reward("u", "a", 1.0)
    learner.offer(["u"], [some(learner, "c")])
    learner.show("u", ["c", "a"])
    assert set(learner.waiting["u"]) == {"c"}
    assert num_learned(learner) == 0


def test_each_item_is_learned_once_and_the_rest_has_earned_nothing_by_the_next_list(learner: Learner) -> None:
    learner.offer(["u", None], [some(learner, "a", "b", "c"), some(learner, "a")])
    learner.show("u", ["a", "b", "c"])
    before = learner.thompson.posterior.mean.copy()
    assert learner.reward("u", "b", 1.0)
    assert not learner.reward("u", "b", 1.0)
    assert (learner.thompson.posterior.mean - before).sum() > 0
    learner.offer(["u"], [some(learner, "d")])
    assert num_learned(learner) == 1
    learner.show("u", ["d"])
    assert num_learned(learner) == 3
    assert set(learner.waiting["u"]) == {"d"}


def test_a_list_may_be_shown_bit_by_bit(learner: Learner) -> None:
    learner.offer(["u"], [some(learner, "a", "b")])
    learner.show("u", ["a"])
    learner.show("u", ["b"])
    assert set(learner.waiting["u"]) == {"a", "b"}
    assert num_learned(learner) == 0


def test_events_teach_by_what_they_say(learner: Learner) -> None:
    learner.offer(["u"], [some(learner, *"abcde")])
    learner.show("u", "abcde")
    told = [
        ("a", "click", None),
        ("b", "skip", None),
        ("c", "rate", 5.0),
        ("d", "rate", 1.0),
        ("e", "impression", None),
    ]
    rows = [{"user_id": "u", "item_id": item, "kind": kind, "value": value} for item, kind, value in told]
    assert learner.observe(pl.DataFrame(rows, schema=words.EVENT_COLUMNS), (1, 5)) == 4
    assert set(learner.waiting["u"]) == {"e"}


def test_so_many_people_wait_at_once(learner: Learner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PEOPLE", 2)
    for person in "uvw":
        learner.offer([person], [some(learner, "a")])
        learner.show(person, ["a"])
    assert list(learner.waiting) == ["v", "w"]
    assert list(learner.offered) == ["v", "w"]
    assert num_learned(learner) == 1


def test_so_many_items_wait_at_once(learner: Learner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ITEMS", 5)
    for person, items in (("u", "abc"), ("v", "ab"), ("w", "ab")):
        learner.offer([person], [some(learner, *items)])
        learner.show(person, items)
    assert list(learner.offered) == list(learner.waiting) == ["v", "w"]
    assert num_learned(learner) == 3


def test_saved_and_loaded_it_waits_for_the_same(learner: Learner, tmp_path: Path) -> None:
    assert Learner.load(tmp_path) is None
    learner.offer(["u"], [some(learner, "a", "b")])
    learner.show("u", ["a", "b"])
    learner.reward("u", "a", 1.0)
    learner.save(tmp_path)
    again = Learner.load(tmp_path)
    assert again is not None
    for one in (learner, again):
        assert one.reward("u", "b", 0.0)
    assert np.array_equal(again.thompson.posterior.mean, learner.thompson.posterior.mean)
    (tmp_path / "explore" / "thompson.json").write_text("{}")
    with pytest.raises(ArtifactError):
        Learner.load(tmp_path)


def test_features_go_with_their_items() -> None:
    features = np.arange(8.0).reshape(1, 4, 2)
    (found,) = lists_of(["a", "b", "c"], np.array([[2, 0, -1, 1]]), features)
    assert {item: given.tolist() for item, given in found.items()} == {"c": [0, 1], "a": [2, 3], "b": [6, 7]}

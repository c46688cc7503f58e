"""Words that re-rank, on a shop that was really learned from."""

import numpy as np
import pytest

import penchant as pn
from penchant.records.data import Data
from penchant.records.errors import ConfigError, DataError
from penchant.stages.model import Model

WORDS = ("mmr:weight=0.8", "dpp:weight=0.8", "calibrated:weight=0.9", "damped:weight=3", "fresh:slots=3,fewer=18")
NEW = [{"item_id": f"new {topic}", "title": f"{topic} number 99", "tags": [topic]} for topic in ("space", "jazz")]


@pytest.fixture(scope="module")
def model(shop: Data, tmp_path_factory: pytest.TempPathFactory) -> Model:
    patch = pytest.MonkeyPatch()
    patch.setenv("PENCHANT_CACHE", str(tmp_path_factory.mktemp("cache")))
    return pn.fit(shop, size="tiny", encoder="hashing", epochs=4, embedding_size=32, num_positions=256)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("items", [None, NEW])
def test_every_word_changes_lists_and_repeats(model: Model, word: str, items: list | None) -> None:
    people = model.user_ids[:20]
    plain = model.recommend(people, items=items, k=6)
    found = model.recommend(people, items=items, k=6, rerank=word)
    assert found["item_id"].to_list() != plain["item_id"].to_list()
    assert found.equals(model.recommend(people, items=items, k=6, rerank=[word]))
    assert found["rank"].to_list() == [1, 2, 3, 4, 5, 6] * 20
    alone = model.recommend(people[3], items=items, k=6, rerank=word)
    np.testing.assert_array_equal(alone["item_id"], found.filter(user_id=people[3])["item_id"])


def test_weights_of_zero_leave_the_list_alone(model: Model) -> None:
    plain = model.recommend("u1", k=6)
    idle = ["mmr:weight=0", "dpp:weight=0", "calibrated:weight=0", "damped:weight=0"]
    assert model.recommend("u1", k=6, rerank=idle).equals(plain)


def test_a_slot_goes_to_a_new_item(model: Model) -> None:
    table = model.recommend("u1", items=NEW, k=5, rerank="fresh:slots=1,fewer=1")
    assert table["item_id"].to_list()[4] in ("new space", "new jazz")


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("mrr", "Unknown re-ranker 'mrr'. Did you mean 'mmr'"),
        ("mmr:wieght=1", "Did you mean 'weight'"),
        ("mmr:weight", "'weight' in 'mmr:weight' lacks a value"),
        ("mmr:weight=high", "is a number, found 'high'"),
        ("mmr:weight=2", "weight must be a number of at least 0 and of at most 1, found 2"),
        ("mmr:weight=nan", "found nan"),
        ("damped:weight=-1", "weight must be"),
        ("fresh:slots=1.5", "is a whole number, found '1.5'"),
        ("fresh:slots=6", "slots must be"),
        ("mmr:weight=.1,weight=.2", "stands twice"),
        (["mmr", "mmr:weight=.1"], "'mmr' stands twice"),
    ],
)
def test_mistakes_are_named(model: Model, word: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        model.recommend("u1", k=5, rerank=word)


def test_lists_are_not_calibrated_to_tags_that_nobody_gave() -> None:
    rows = [(f"u{user}", f"i{(user + step) % 12}", step) for user in range(20) for step in range(6)]
    events = [{"user_id": user, "item_id": item, "timestamp": time} for user, item, time in rows]
    bare = pn.fit(pn.read(events), size="tiny", epochs=1, encoder="hashing")
    with pytest.raises(DataError, match="no item has a tag"):
        bare.recommend("u1", rerank="calibrated")

"""Words that re-rank, on a shop that was really learned from."""

from dataclasses import replace

import numpy as np
import polars as pl
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


@pytest.fixture(scope="module")
def dated(shop: Data, tmp_path_factory: pytest.TempPathFactory) -> Model:
    patch = pytest.MonkeyPatch()
    patch.setenv("PENCHANT_CACHE", str(tmp_path_factory.mktemp("cache")))
    newest = int(shop.events["timestamp"].max())  # type: ignore[arg-type]
    came = {"i39": newest - 9 * 86_400, "i0": newest - 900 * 86_400}
    items = shop.items.with_columns(
        pl.col("item_id").replace_strict(came, default=None, return_dtype=pl.Int64).alias("created_at")
    )
    return pn.fit(replace(shop, items=items), size="tiny", encoder="hashing", epochs=1, embedding_size=32)


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


@pytest.mark.parametrize("by", ["texts", "network", "score"])
def test_a_slot_goes_to_a_new_item(model: Model, by: str) -> None:
    table = model.recommend("u1", items=NEW, k=5, rerank=f"fresh:slots=1,fewer=1,by={by}")
    assert table["item_id"].to_list()[4] in ("new space", "new jazz")


def test_the_place_of_the_first_is_told(model: Model) -> None:
    def places(word: str) -> list[int]:
        ids = model.recommend("u1", items=NEW, k=6, rerank=f"fresh:slots=2,fewer=1{word}")["item_id"].to_list()
        return [rank for rank, name in enumerate(ids, 1) if name.startswith("new")]

    assert places("") == [3, 6]
    assert places(",place=1") == [1, 4]


def test_without_new_items_nothing_is_kept_for_them(model: Model) -> None:
    for word in ("fresh:slots=3,fewer=1", "fresh:slots=3,fewer=1,by=score", "fresh:share=1,fewer=1,by=network"):
        assert model.recommend("u1", k=6, rerank=word).equals(model.recommend("u1", k=6))


def test_a_share_keeps_the_whole_places_that_it_holds(model: Model) -> None:
    def kept(word: str) -> list[str]:
        return model.recommend("u1", items=NEW, k=9, rerank=word)["item_id"].to_list()

    assert kept("fresh:share=0.3,fewer=1") == kept("fresh:slots=2,fewer=1")  # 2.7 places
    assert kept("fresh:share=0.3,fewer=1") != kept("fresh:share=0.2,fewer=1")  # 1.8


def test_who_speaks_for_fresh_items_decides_which_come(model: Model) -> None:
    people = model.user_ids
    found = [
        model.recommend(people, k=6, rerank=f"fresh:slots=3,fewer=18,by={by}") for by in ("texts", "network", "score")
    ]
    lists = [table["item_id"].to_list() for table in found]
    assert lists[0] != lists[1] != lists[2] != lists[0]


def test_by_default_texts_speak_for_what_nobody_met_and_the_score_for_the_others(model: Model) -> None:
    def found(word: str) -> pl.DataFrame:
        return model.recommend(model.user_ids, items=NEW, k=6, rerank=f"fresh:slots=2,{word}")

    assert found("fewer=1").equals(found("fewer=1,by=texts"))
    assert not found("fewer=1").equals(found("fewer=1,by=network"))
    assert found("fewer=18").equals(found("fewer=18,by=score"))


def test_items_are_fresh_by_age(dated: Model) -> None:
    """Item i39 came nine days before the newest event, i0 long ago, of the others nobody knows."""
    met = dated.events.filter(item_id="i39")["user_id"].to_list()
    who = next(user for user in dated.user_ids if user not in met)
    old, young = dated.recommend(who, k=6), dated.recommend(who, k=6, rerank="fresh:slots=6,days=10")
    assert old["item_id"][0] != "i39"
    assert young["item_id"][0] == "i39"
    assert young["item_id"].to_list()[1:] == [item for item in old["item_id"].to_list() if item != "i39"][:5]
    assert dated.recommend(who, k=6, rerank="fresh:slots=6,days=8").equals(old)
    both = dated.recommend(who, k=6, rerank="fresh:slots=6,days=10,fewer=1")
    assert both.equals(young)


def test_raw_items_come_now_unless_they_say_when(dated: Model) -> None:
    items = [{**NEW[0], "item_id": "now"}, {**NEW[0], "item_id": "then", "created_at": "2001-01-01"}]
    found = dated.recommend("u1", items=items, k=6, rerank="fresh:slots=3,days=8")["item_id"].to_list()
    assert "now" in found
    assert "then" not in found


def test_without_dates_there_is_no_age(model: Model) -> None:
    with pytest.raises(DataError, match="age of items is not known: no item says when it came"):
        model.recommend("u1", rerank="fresh:days=10")


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
        ("fresh:slots=1,share=.2", "Places are told once, found slots=1 and share=0.2"),
        ("fresh:share=.1", "A share of 0.1 is no whole place of 5. Take 0.2 or more"),
        ("fresh:share=2", "share must be"),
        ("fresh:slots=2,place=3", "place must be a whole number of at least 1 and of at most 2, found 3"),
        ("fresh:days=0", "days must be a number above 0"),
        ("fresh:fewer=0", "fewer must be"),
        ("fresh:by=text", "Unknown what speaks for fresh items, `by` 'text'. Did you mean 'texts'"),
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

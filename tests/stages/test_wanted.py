"""Lists as somebody wants them, on a shop that was really learned from. Tags go around: space, garden, kitchen, jazz."""

import json
from typing import Any

import polars as pl
import pytest

import penchant as pn
from penchant.records.data import Data
from penchant.records.errors import ConfigError, DataError
from penchant.stages.model import Model

FAST = {"size": "tiny", "encoder": "hashing", "epochs": 4, "embedding_size": 32, "num_positions": 256}
NEW = [
    {"item_id": "new space", "title": "space number 99", "tags": ["space"], "brand": "Acme", "price": 500},
    {
        "item_id": "new jazz",
        "title": "jazz number 99",
        "tags": ["jazz"],
        "attributes": {"brand": "Nadir", "price": "$0.5"},
    },
]
RAW_BRANDS = {"new space": '{"brand": "Acme"}', "new jazz": '{"brand": "Nadir"}'}


@pytest.fixture(scope="module")
def model(shop: Data, tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Every third item is of Acme; prices go from 1 to 40, the last item has none."""
    patch = pytest.MonkeyPatch()
    patch.setenv("PENCHANT_CACHE", str(tmp_path_factory.mktemp("cache")))
    told = [{"brand": "Acme" if row % 3 == 0 else "Bolt", "price": row + 1} for row in range(len(shop.items))]
    del told[-1]["price"]
    items = shop.items.with_columns(pl.Series("attributes", [json.dumps(row) for row in told]))
    return pn.fit(Data(**{**vars(shop), "items": items}), **FAST)


def facts(model: Model, **asked: Any) -> tuple[list[str], list[str], list[str]]:
    """Ids, tags and brands of a list of eight."""
    ids = model.recommend("u1", **{"k": 8, **asked})["item_id"].to_list()
    found = [model.item(item) or {"tags": [item.split()[1]], "attributes": RAW_BRANDS[item]} for item in ids]
    return ids, [row["tags"][0] for row in found], [json.loads(row["attributes"])["brand"] for row in found]


def test_caps_count_each_value_or_only_some(model: Model) -> None:
    _, tags, brands = facts(model)
    assert max(tags.count(tag) for tag in tags) > 1
    assert brands.count("Bolt") > 3
    _, tags, brands = facts(model, rules={"caps": {"tags": 2, "brand": {"bolt": 3}}})
    assert max(tags.count(tag) for tag in tags) == 2
    assert brands.count("Bolt") <= 3


def test_pins_stand_at_their_place_even_if_nobody_would_put_them_there(model: Model) -> None:
    last = model.recommend("u1", k=40)["item_id"].to_list()[-1]
    ids, _, _ = facts(model, rules={"pins": {1: "new jazz", 3: last}}, items=NEW)
    assert (ids[0], ids[2]) == ("new jazz", last)


def test_blocks_bar_items_known_or_new(model: Model) -> None:
    ids, tags, brands = facts(model, rules={"blocks": {"tags": ["JAZZ"], "brand": "acme"}}, items=NEW, k=15)
    assert "jazz" not in tags
    assert set(brands) == {"Bolt"}
    assert "new space" not in ids


def test_rules_that_cannot_be_held_shorten_the_list_and_say_so(model: Model) -> None:
    notes: list[str] = []
    ids, tags, _ = facts(model, rules={"caps": {"tags": 1}}, notes=notes)
    assert sorted(tags) == ["garden", "jazz", "kitchen", "space"][: len(tags)]
    assert notes[0].startswith(f"{len(ids)} of 8 places are filled")
    assert "over the cap on tags" in notes[0]


def test_a_seen_pin_stays_away_and_it_is_told(model: Model) -> None:
    seen, notes = model.history("u1")[0]["item_id"], list[str]()
    ids, _, _ = facts(model, rules={"pins": {1: seen}}, notes=notes)
    assert seen not in ids
    assert f"['{seen}'] are not among the candidates" in notes[0]


def test_a_value_puts_what_is_liked_or_dear_first(model: Model) -> None:
    people = model.user_ids[:30]

    def mean_like(**asked: Any) -> float:
        lists = model.recommend(people, k=5, **asked)
        return float(model.predict(lists)["like"].mean())

    assert mean_like(value="like^3") > mean_like() + 0.05
    ids, _, _ = facts(model, value="next^0 * item.price", k=3, items=NEW)
    assert ids[0] == "new space"
    prices = [int(item[1:]) for item in ids[1:]]
    assert prices == sorted(prices, reverse=True)
    everything, _, _ = facts(model, value="item.price", k=45, exclude_seen=False)
    assert "i39" not in everything  # it has no price
    assert len(everything) == 39


def test_a_value_is_made_of_what_there_is(model: Model) -> None:
    table = model.recommend("u1", k=40, value="next^0 * like * rating^2", exclude_seen=False)
    told = model.predict(table.select("user_id", "item_id"))
    worth = (told["like"] * told["rating"] ** 2).log()
    assert (worth - table["score"]).abs().max() < 1e-4
    assert table["score"].to_list() == sorted(table["score"], reverse=True)


def test_requests_in_words_move_the_list(model: Model) -> None:
    _, plain, _ = facts(model)
    _, more, _ = facts(model, steer="more jazz", strength=10)
    _, less, _ = facts(model, steer="less jazz", strength=10)
    assert more.count("jazz") > plain.count("jazz") > less.count("jazz")
    assert set(facts(model, steer="only jazz", items=NEW)[1]) == {"jazz"}
    assert "jazz" not in facts(model, steer="no jazz", items=NEW, k=20)[1]


def test_no_rerankers_and_no_new_items_change_nothing(model: Model) -> None:
    assert facts(model, rerank=None, items=[]) == facts(model)


def test_a_list_that_is_short_without_rules_says_so(model: Model) -> None:
    notes: list[str] = []
    assert not facts(model, steer="no jazz, only jazz", notes=notes)[0]
    assert notes[-1].startswith("0 of 8 places are filled: all else was met, or")
    notes.clear()
    assert facts(model, notes=notes)[0]
    assert not notes


def test_no_list_is_longer_than_the_catalogue(model: Model) -> None:
    assert len(model.recommend("u1", k=10**15, exclude_seen=False)) == len(model.items)


def test_new_items_have_ids_and_titles_of_any_type(model: Model) -> None:
    numbers = model.recommend("u1", items=[{"item_id": 7, "title": 1984}], candidates=["7"], k=1)
    words = model.recommend("u1", items=[{"item_id": "7", "title": "1984"}], candidates=["7"], k=1)
    assert numbers.equals(words)
    for nothing in (None, ""):
        with pytest.raises(DataError, match="needs an item_id, and number 2 has none"):
            model.recommend("u1", items=[{"item_id": "n"}, {"item_id": nothing}])


def test_ids_are_strings(model: Model) -> None:
    for wrong in (7, ["u1", 7]):
        with pytest.raises(DataError, match=r"Ids are strings, found 7\. Ask for '7'"):
            model.recommend(wrong)  # type: ignore[arg-type]


def test_everything_at_once(model: Model) -> None:
    asked = {
        "items": NEW,
        "rerank": ["mmr:weight=0.4", "calibrated:weight=0.2", "fresh:slots=1,fewer=1"],
        "rules": {"caps": {"tags": 3}, "pins": {2: "new jazz"}, "blocks": {"item_id": ["i1"]}},
        "steer": "more space, no garden",
        "value": "like * item.price^0.1",
    }
    ids, tags, _ = facts(model, **asked)
    assert ids[1] == "new jazz"
    assert {"i1", "i5"}.isdisjoint(ids)
    assert max(tags.count(tag) for tag in tags) <= 3
    assert "garden" not in tags
    assert model.recommend(["u1", "u2"], k=8, **asked)["item_id"].to_list()[: len(ids)] == ids


@pytest.mark.parametrize(
    ("asked", "error", "told"),
    [
        ({"rules": {"cap": {}}}, ConfigError, "Unknown rule 'cap'. Did you mean 'caps'"),
        ({"rules": {"caps": {"maker": 1}}}, DataError, "No item has 'maker'. Known: "),
        ({"rules": {"caps": {"brand": {"Blot": 1}}}}, DataError, "No item has the brand 'Blot'"),
        ({"rules": {"caps": {"brand": -1}}}, ConfigError, "at least 0, found -1"),
        ({"rules": {"caps": {"brand": {"bolt": 1.5}}}}, ConfigError, "whole number of at least 0, found 1.5"),
        ({"rules": {"blocks": {"tags": ["jaz"]}}}, DataError, "No item has the tags 'jaz'. Did you mean 'jazz'"),
        ({"rules": {"pins": {1: "i99"}}}, DataError, "pinned item 'i99' is not in the catalogue"),
        ({"rules": {"pins": {0: "i1"}}}, ConfigError, "places 1 to 8 of a list of 8, found 0"),
        ({"rules": {"pins": {1: "i1"}}, "candidates": ["i2"]}, ConfigError, "'i1' is pinned, but may not be shown"),
        ({"rules": {"pins": {1: "i1", 2: "i1"}}}, ConfigError, "'i1' is pinned to two places"),
        ({"rules": {"pins": {"1": "i1"}}}, ConfigError, "places 1 to 8 of a list of 8, found '1'"),
        ({"rules": {"pins": {1.5: "i1"}}}, ConfigError, "found 1.5"),
        ({"rules": {"pins": ["i1"]}}, ConfigError, r"pins must be a dict, found \['i1'\]"),
        ({"rules": 5}, ConfigError, "rules must be a dict, found 5. Write it like"),
        ({"rules": {"caps": {"brand": "2"}}}, ConfigError, "at least 0, found '2'"),
        ({"k": 2.5}, DataError, "a whole number of at least 1, found 2.5"),
        ({"k": "5"}, DataError, "found '5'"),
        ({"steer": ["jazz"]}, ConfigError, r"steer is a text, found \['jazz'\]"),
        ({"value": 5}, ConfigError, "value is a text, found 5"),
        ({"rules": {"pins": {1: "i0", 2: "i4"}, "caps": {"tags": 1}}}, ConfigError, "cap on tags, in 'space'"),
        ({"steer": "..."}, DataError, "Nothing is asked for"),
        ({"strength": 1}, ConfigError, "is for a request in words"),
        ({"steer": "jazz", "strength": 0}, ConfigError, "strength must be"),
        ({"value": "liek"}, ConfigError, "Did you mean 'like'"),
        ({"value": "tags"}, ConfigError, "Unknown name 'tags'"),
        ({"value": "item.brand"}, DataError, "No item has a number under 'brand'"),
    ],
)
def test_mistakes_are_named(model: Model, asked: dict[str, Any], error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        model.recommend("u1", **{"k": 8, **asked})

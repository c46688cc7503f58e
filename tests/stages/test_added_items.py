"""Items that a running model was told of: how they join its lists, and how others leave them."""

import pytest

import penchant as pn
from penchant.records.data import Data
from penchant.records.errors import ConfigError, DataError
from penchant.stages import added_items
from penchant.stages.model import Model

NEW = {"item_id": "new", "title": "jazz number 41", "tags": ["jazz"], "attributes": {"price": 3}}


@pytest.fixture(scope="module")
def fitted(shop: Data, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("added")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PENCHANT_CACHE", str(folder / "cache"))
        pn.fit(shop, size="tiny", encoder="hashing", epochs=2, num_positions=256).save(folder / "run")
    return str(folder / "run")


@pytest.fixture
def model(fitted: str, monkeypatch: pytest.MonkeyPatch) -> Model:
    monkeypatch.setenv("PENCHANT_CACHE", f"{fitted}/../cache")
    return pn.load(fitted, frame="records")


def ids(model: Model, person: str = "u1", **asked: object) -> list[str]:
    return [row["item_id"] for row in model.recommend(person, k=41, **asked)]


def test_what_was_added_is_recommended_as_if_it_came_with_the_request(model: Model) -> None:
    asked = model.recommend("u1", items=[NEW], k=41)
    model.added.put([NEW])
    assert model.recommend("u1", k=41) == asked
    assert "new" in ids(model)
    found = model.item("new")
    assert found is not None
    assert (found["title"], found["tags"], found["attributes"]) == ("jazz number 41", ["jazz"], '{"price": 3}')


def test_an_event_with_it_counts_and_has_its_title(model: Model) -> None:
    model.added.put([NEW])
    before = {row["item_id"]: row["score"] for row in model.recommend("u1", k=41)}
    model.observe([{"user_id": "u1", "item_id": "new", "kind": "like"}])
    after = {row["item_id"]: row["score"] for row in model.recommend("u1", k=41)}
    assert "new" not in after
    assert any(after[item] != before[item] for item in after)
    assert model.history("u1", 1)[0]["title"] == "jazz number 41"


def test_what_is_told_again_replaces_what_was_told(model: Model) -> None:
    model.added.put([NEW, {"item_id": "other", "title": "kitchen"}])
    first = {row["item_id"]: row["score"] for row in model.recommend("u1", k=42)}
    model.added.put([{"item_id": "new", "title": "garden number 2"}])
    second = {row["item_id"]: row["score"] for row in model.recommend("u1", k=42)}
    assert set(first) == set(second)
    assert first["new"] != second["new"]
    assert first["other"] == pytest.approx(second["other"])


def test_gone_items_are_in_no_list(model: Model) -> None:
    top = ids(model)[0]
    model.added.put([NEW])
    model.added.remove([top, "new"])
    assert not {top, "new"} & set(ids(model))
    assert "new" not in ids(model, items=[{"item_id": "raw", "title": "jazz"}])
    assert "raw" in ids(model, items=[{"item_id": "raw", "title": "jazz"}])
    assert top not in [row["item_id"] for row in model.similar(texts="jazz space garden kitchen", k=40)]
    assert model.item(top) is None
    with pytest.raises(ConfigError, match="may not be shown"):
        model.recommend("u1", rules={"pins": {1: top}})
    model.added.put([{"item_id": top, "title": "back again"}])
    assert top in ids(model)
    assert (model.item(top) or {})["title"] == "back again"


def test_what_cannot_be_added(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match="stands twice"):
        model.added.check([NEW, NEW])
    with pytest.raises(DataError, match="no item of the catalogue has one"):
        model.added.check([{**NEW, "domain": "books"}])
    monkeypatch.setattr(added_items, "MOST", 1)
    model.added.check([NEW])
    model.added.put([NEW])
    with pytest.raises(DataError, match="takes 1 new items"):
        model.added.check([{"item_id": "newer", "title": "jazz"}])
    model.added.check([NEW, {"item_id": "i1", "title": "of the catalogue"}])
    with pytest.raises(DataError, match="'new' is known already"):
        model.recommend("u1", items=[NEW])

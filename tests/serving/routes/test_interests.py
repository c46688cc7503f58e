"""Interests of people: the model's word where it has learned it, else their history's."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import penchant as pn
from penchant.records.data import Data
from penchant.serving.api import create_app


def fitted(shop: Data, folder: Path, tasks: list[str]) -> TestClient:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PENCHANT_CACHE", str(folder / "cache"))
        model = pn.fit(shop, size="tiny", encoder="hashing", epochs=1, num_positions=256, tasks=tasks)
        model.save(folder / "run")
    return TestClient(create_app(pn.load(folder / "run", frame="records")))


@pytest.fixture(scope="module")
def plain(shop: Data, tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    return fitted(shop, tmp_path_factory.mktemp("plain"), ["next_item", "rating"])


def test_the_model_says_what_it_has_learned(shop: Data, tmp_path: Path) -> None:
    client = fitted(shop, tmp_path, ["next_item", "interests"])
    said = client.post("/v1/interests", json={"user_id": "u1"}).json()
    assert said["source"] == "interests"
    assert {row["label"] for row in said["labels"]} == {"space", "garden", "kitchen", "jazz"}
    values = [row["value"] for row in said["labels"]]
    assert values == sorted(values, reverse=True)
    of_stranger = client.post("/v1/interests", json={"history": [{"item_id": "i3"}]}).json()
    assert [row["value"] for row in of_stranger["labels"]] != values


def test_a_history_says_which_tags_were_chosen(plain: TestClient) -> None:
    """Of four items, two are jazz (i3, i7), one is space (i0); the garden was disliked and the kitchen rated low."""
    history = [
        {"item_id": "i3", "kind": "like"},
        {"item_id": "i7", "kind": "rate", "value": 5},
        {"item_id": "i0"},
        {"item_id": "i1", "kind": "dislike"},
        {"item_id": "i2", "kind": "rate", "value": 2},
        {"text": "a search"},
    ]
    said = plain.post("/v1/interests", json={"history": history}).json()
    assert said == {
        "source": "history",
        "labels": [{"label": "jazz", "value": round(2 / 3, 4)}, {"label": "space", "value": round(1 / 3, 4)}],
    }


def test_of_whom_nothing_is_known_nothing_is_said(plain: TestClient) -> None:
    assert plain.post("/v1/interests", json={"user_id": "nobody"}).json() == {"source": "history", "labels": []}
    assert plain.post("/v1/interests", json={"user_id": ""}).status_code == 422

"""Interests in a person's own words, predictions, lists for several people, and what is counted of them."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from penchant.serving.api import create_app
from penchant.serving.observed import observed
from penchant.serving.workspace import Workspace
from penchant.stages.model import Model


@pytest.fixture
def client(small_model: Model) -> Iterator[TestClient]:
    space = Workspace(small_model)
    app = create_app({"default": space})
    yield TestClient(observed(app, app))
    space.close()


def test_words_are_said_once_and_change_the_list(client: TestClient) -> None:
    before = client.post("/v1/recommend", json={"user_id": "new"}).json()
    assert client.put("/v1/users/new/interests", json={"interests": ["jazz", "jazz"]}).json()["accepted"] == 1
    assert client.put("/v1/users/new/interests", json={"interests": ["jazz"]}).json()["accepted"] == 0
    assert client.get("/v1/users/new/interests").json()["stated"] == ["jazz"]
    after = client.post("/v1/recommend", json={"user_id": "new"}).json()
    assert (before["known"], after["known"]) == (False, True)
    assert [item["score"] for item in before["items"]] != [item["score"] for item in after["items"]]


def test_several_lists_are_those_of_each(client: TestClient) -> None:
    many = client.post("/v1/recommend/batch", json={"user_ids": ["u1", "u2", "u1"], "k": 3}).json()
    for person, found in many["lists"].items():
        one = client.post("/v1/recommend", json={"user_id": person, "k": 3}).json()["items"]
        assert [item["item_id"] for item in found] == [item["item_id"] for item in one]


def test_predictions_are_those_beside_the_list(client: TestClient) -> None:
    first = client.post("/v1/recommend", json={"user_id": "u1", "k": 1}).json()["items"][0]
    asked = {"pairs": [{"user_id": "u1", "item_id": first["item_id"]}]}
    found = client.post("/v1/predict", json=asked).json()["pairs"][0]
    assert found["rating"] == pytest.approx(first["rating"], abs=1e-5)
    assert client.post("/v1/predict", json={"pairs": [{"user_id": "u1", "item_id": "no"}]}).status_code == 422


def test_what_was_asked_is_counted(client: TestClient) -> None:
    client.post("/v1/recommend", json={"user_id": "u1"})
    client.post("/v1/events", json={"events": [{"user_id": "u1", "item_id": "i1"}]})
    said = client.get("/metrics").text
    assert 'penchant_lists_total{known="true",tenant="default"} 1.0' in said
    assert 'penchant_events_total{kind="view",tenant="default"} 1.0' in said
    assert 'route="/v1/recommend",status="200"' in said
    assert client.get("/readyz").json() == {"status": "ready"}

"""Items and people that come and go, over HTTP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

import penchant as pn
from penchant.serving.api import create_app
from penchant.serving.events.open import open_log
from penchant.serving.workspace import ALONE, LIVE, Workspace
from penchant.stages.model import Model

NEW = {"item_id": "new", "title": "jazz number 41", "tags": ["jazz"], "attributes": {"price": 3, "label": ["blue"]}}


def started(run: Path, folder: Path) -> Workspace:
    """As after a start: the model as it was saved, and the log of `folder`."""
    return Workspace(pn.load(run, frame="records"), folder, log=open_log(folder / LIVE))


@pytest.fixture
def space(small_run: Path, small_model: Model, tmp_path: Path) -> Iterator[Workspace]:
    found = started(small_run, tmp_path)
    yield found
    found.close()


@pytest.fixture
def client(space: Workspace) -> TestClient:
    return TestClient(create_app({ALONE: space}))


def ids(client: TestClient, **ask: Any) -> list[str]:
    return [item["item_id"] for item in client.post("/v1/recommend", json={"k": 42, **ask}).json()["items"]]


def test_a_new_item_is_in_the_next_list_and_there_after_a_restart(
    client: TestClient, space: Workspace, small_run: Path, tmp_path: Path
) -> None:
    assert "new" not in ids(client, user_id="u1")
    sent = client.put("/v1/items", json={"items": [NEW, {"item_id": "odd", "attributes": {"price": "on request"}}]})
    assert (sent.status_code, sent.json()) == (200, {"accepted": 2, "sequences": [1, 2]})
    listed = client.post("/v1/recommend", json={"user_id": "u1", "k": 42}).json()["items"]
    assert next(item for item in listed if item["item_id"] == "new")["title"] == "jazz number 41"
    assert "new" in ids(client, history=[{"text": "jazz"}])
    assert client.get("/v1/items/new").json()["tags"] == ["jazz"]
    client.post("/v1/events", json={"events": [{"user_id": "u1", "item_id": "new"}]})
    assert "new" not in ids(client, user_id="u1")
    before = ids(client, user_id="u2")
    space.close()
    again = started(small_run, tmp_path)
    assert ids(TestClient(create_app({ALONE: again})), user_id="u2") == before
    again.close()


def test_what_is_gone_is_in_no_list_until_it_is_told_of_again(client: TestClient) -> None:
    top = ids(client, user_id="u1")[0]
    assert client.delete(f"/v1/items/{top}").status_code == 200
    assert top not in ids(client, user_id="u1")
    assert client.get(f"/v1/items/{top}").status_code == 404
    assert client.delete(f"/v1/items/{top}").status_code == 404
    client.put("/v1/items", json={"items": [{"item_id": top, "title": "as good as new"}]})
    assert top in ids(client, user_id="u1")
    assert client.get(f"/v1/items/{top}").json()["title"] == "as good as new"


@pytest.mark.parametrize(
    "items",
    [
        [],
        [{"title": "nameless"}],
        [NEW, NEW],
        [{"item_id": "new", "domain": "books"}],
        [{"item_id": "new", "path": "/etc"}],
    ],
)
def test_what_is_no_item_is_refused_whole(client: TestClient, space: Workspace, items: list[dict]) -> None:
    assert client.put("/v1/items", json={"items": items}).status_code == 422
    assert space.log.last(ALONE) == 0


def test_who_is_forgotten_is_a_stranger_now_and_after_a_restart(
    client: TestClient, space: Workspace, small_run: Path, tmp_path: Path
) -> None:
    client.post("/v1/events", json={"events": [{"user_id": "u1", "item_id": "i9"}, {"user_id": "u2", "item_id": "i9"}]})
    assert client.delete("/v1/users/u1").json() == {"known": True, "erased": 1}
    stranger = ids(client, user_id="nobody ever heard of")

    def is_a_stranger(who: TestClient) -> None:
        assert not who.post("/v1/recommend", json={"user_id": "u1"}).json()["known"]
        assert ids(who, user_id="u1") == stranger
        assert who.get("/v1/users/u1").json()["history"] == []
        assert "u1" not in who.get("/v1/users", params={"query": "u1"}).json()["user_ids"]
        assert who.get("/v1/users/u2").json()["history"][0]["item_id"] == "i9"

    is_a_stranger(client)
    space.close()
    again = started(small_run, tmp_path)
    later = TestClient(create_app({ALONE: again}))
    is_a_stranger(later)
    later.post("/v1/events", json={"events": [{"user_id": "u1", "item_id": "i3"}]})
    assert [event["item_id"] for event in later.get("/v1/users/u1").json()["history"]] == ["i3"]
    again.close()

"""Ids that other systems give, through a real server: what can be told can be looked up, and forgotten."""

import socket
import threading
import time
from collections.abc import Iterator

import httpx2
import pytest
import uvicorn
from fastapi.testclient import TestClient

from penchant.serving.access.policy import need
from penchant.serving.api import create_app
from penchant.serving.client import Client
from penchant.serving.workspace import Workspace
from penchant.stages.model import Model

AWKWARD = ["a/b", "😀/..", "../../x", "..", "https://shop/item?id=7#top", "two\nlines", "a%2Fb", " ", "x/similar/y"]


@pytest.fixture
def address(small_model: Model) -> Iterator[str]:
    space = Workspace(small_model)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app({"default": space}), port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)
    space.close()


def test_whatever_a_person_is_called_they_can_be_forgotten(address: str) -> None:
    for name in AWKWARD:
        forget_all_of(Client(address), name)


def forget_all_of(shop: Client, name: str) -> None:
    assert shop.record([{"user_id": name, "item_id": "i1", "kind": "like"}]).accepted == 1
    assert shop.user(name).user_id == name
    assert [event.item_id for event in shop.user(name).history] == ["i1"]
    assert shop.interests(name).user_id == name
    assert shop.state_interests(name, ["jazz"]).accepted == 1
    assert shop.forget(name).known
    assert not shop.forget(name).known
    assert shop.user(name).history == []
    assert name not in shop.users(name)


def test_whatever_an_item_is_called_it_can_be_taken_away(address: str) -> None:
    shop = Client(address)
    for name in AWKWARD:
        assert shop.put_items([{"item_id": name, "title": "jazz number 3"}]).accepted == 1
        assert shop.item(name).item_id == name
        shop.remove_item(name)
    with httpx2.Client(base_url=address) as plain:
        listed = plain.post("/v1/recommend", json={"user_id": "u1", "k": 100}).json()["items"]
    assert not {*AWKWARD} & {item["item_id"] for item in listed}


def test_the_gate_reads_the_same_ids_as_the_routes() -> None:
    assert need("DELETE", "/v1/users/a/b").ids == {"user_id": "a/b"}
    assert need("GET", "/v1/users/a/b/interests").ids == {"user_id": "a/b"}
    assert need("PUT", "/v1/users/two\nlines/interests").route == "PUT /v1/users/{user_id}/interests"
    assert need("GET", "/v1/items/a/b/similar").route == "GET /v1/items/{item_id}/similar"


def test_what_a_route_goes_on_with_is_no_id(small_model: Model) -> None:
    client = TestClient(create_app(small_model))
    assert client.delete("/v1/users/u1/interests").status_code == 405
    assert client.delete("/v1/items/i1/similar").status_code == 405
    assert client.get("/v1/users/u1").json()["history"]
    assert need("DELETE", "/v1/users/u1/interests").route == "DELETE (unlisted)"


def test_no_id_is_none(small_model: Model) -> None:
    client = TestClient(create_app(small_model))
    assert client.delete("/v1/users/").status_code in (404, 405)
    assert client.get("/v1/items/").status_code in (404, 405)

"""The routes of lists and of similar items, around a really fitted model."""

from pathlib import Path

import polars as pl
import pytest
from fastapi.testclient import TestClient

import penchant as pn
from penchant.records.data import Data
from penchant.serving.api import create_app


@pytest.fixture(scope="module")
def client(shop: Data, tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    folder: Path = tmp_path_factory.mktemp("serving")
    names = ["rooms" if row % 2 else "sounds" for row in range(len(shop.items))]
    data = pn.read(
        shop.events.select("user_id", "item_id", "timestamp", "value"),
        items=shop.items.with_columns(pl.Series("domain", names)),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PENCHANT_CACHE", str(folder / "cache"))
        pn.fit(data, size="tiny", encoder="hashing", epochs=1, num_positions=256).save(folder / "run")
    return TestClient(create_app(pn.load(folder / "run", frame="records")))


def test_neighbours_of_an_item(client: TestClient) -> None:
    items = client.get("/v1/items/i3/similar", params={"k": 4}).json()["items"]
    assert [item["rank"] for item in items] == [1, 2, 3, 4]
    assert all(item["title"].startswith("jazz number") for item in items)
    assert all(-1 <= item["score"] <= 1 for item in items)


def test_neighbours_of_words_within_a_domain(client: TestClient) -> None:
    items = client.get("/v1/similar", params={"text": "space", "k": 20, "domain": "sounds"}).json()["items"]
    assert items[0]["title"].startswith("space")
    assert {int(item["item_id"][1:]) % 2 for item in items} == {0}


def test_mistakes(client: TestClient) -> None:
    assert client.get("/v1/items/nobody/similar").status_code == 404
    assert client.get("/v1/items/i3/similar", params={"k": 0}).status_code == 422
    assert client.get("/v1/similar").status_code == 422
    unknown = client.get("/v1/similar", params={"text": "space", "domain": "books"})
    assert unknown.status_code in (400, 422)
    assert "There is no domain 'books'" in unknown.json()["error"]["message"]


def test_predictions_of_a_batch_are_each_persons_own(client: TestClient) -> None:
    asked = {"k": 30, "exclude_seen": False}
    many = client.post("/v1/recommend/batch", json={**asked, "user_ids": ["u1", "u2"]}).json()["lists"]
    for person, rows in many.items():
        pairs = [{"user_id": person, "item_id": row["item_id"]} for row in rows]
        told = client.post("/v1/predict", json={"pairs": pairs}).json()["pairs"]
        for row, values in zip(rows, told, strict=True):
            assert {name: row[name] for name in values} == pytest.approx(values)
    shared = {row["item_id"]: row["rating"] for row in many["u1"]}
    other = {row["item_id"]: row["rating"] for row in many["u2"]}
    assert any(shared[item] != other[item] for item in shared.keys() & other.keys())

"""What is told of requests: templates and our own words, and nothing that somebody sent."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from penchant.serving.watch import REQUEST_ID, UNKNOWN, Answered, Watch

UUID = "6f1c2f6e-8c1e-4f5e-9d7a-2b1c3d4e5f60"


@pytest.fixture
def told() -> list[Answered]:
    return []


@pytest.fixture
def client(told: list[Answered]) -> TestClient:
    app = FastAPI()

    @app.get("/people/{name}")
    async def person(name: str) -> str:
        if name == "broken":
            raise RuntimeError(name)
        return name

    app.add_middleware(Watch, watchers=[told.append], version=lambda tenant: 7 if tenant == "" else 0)
    return TestClient(app, raise_server_exceptions=False)


def test_a_request_is_told_by_its_template(client: TestClient, told: list[Answered]) -> None:
    client.get("/people/ann?secret=1")
    assert len(told) == 1
    assert (told[0].method, told[0].route, told[0].status, told[0].version) == ("GET", "/people/{name}", 200, 7)
    assert 0 < told[0].seconds < 10
    assert "ann" not in repr(told)
    assert "secret" not in repr(told)


def test_what_there_is_not_and_made_up_methods_are_one_word_each(client: TestClient, told: list[Answered]) -> None:
    client.get("/ann@example.org")
    client.request("ANN", "/people/ann")
    assert [(one.method, one.route, one.status) for one in told] == [
        ("GET", UNKNOWN, 404),
        ("OTHER", "/people/{name}", 405),
    ]


def test_a_failure_is_told_too(client: TestClient, told: list[Answered]) -> None:
    assert client.get("/people/broken").status_code == 500
    assert told[0].status == 500


def test_a_sane_request_id_is_kept(client: TestClient, told: list[Answered]) -> None:
    assert client.get("/people/ann", headers={REQUEST_ID: UUID}).headers[REQUEST_ID] == UUID
    assert told[0].request_id == UUID


@pytest.mark.parametrize(
    "brought", ["", "13812345678", "ann@example.org-and-much-more", "4111111111111111", "a" * 65, "x" * 30 + " y"]
)
def test_another_one_is_replaced(client: TestClient, told: list[Answered], brought: str) -> None:
    given = client.get("/people/ann", headers={REQUEST_ID: brought}).headers[REQUEST_ID]
    assert given == told[0].request_id != brought
    assert len(given) == 32

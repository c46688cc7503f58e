"""The server around a really fitted model."""

import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import penchant as pn
from penchant.records.data import Data
from penchant.records.errors import ConfigError
from penchant.serving.access.headers import HEADERS
from penchant.serving.access.limits import Limits
from penchant.serving.access.protect import protect
from penchant.serving.api import create_app
from penchant.serving.routes.page import PAGE, PAGE_FILES
from penchant.serving.run import serve


@pytest.fixture(scope="module")
def client(shop: Data, tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    folder = tmp_path_factory.mktemp("serving")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PENCHANT_CACHE", str(folder / "cache"))
        pn.fit(shop, size="tiny", encoder="hashing", epochs=3, num_positions=256).save(folder / "run")
    app = protect(create_app(pn.load(folder / "run", frame="records")), folder / "run")
    return TestClient(app, base_url="http://localhost", client=("127.0.0.1", 5))


def ids(answer: dict) -> list[str]:
    return [item["item_id"] for item in answer["items"]]


def test_a_known_person_gets_a_list_with_predictions(client: TestClient) -> None:
    answer = client.post("/v1/recommend", json={"user_id": "u1", "k": 5}).json()
    assert answer["known"]
    assert len(answer["items"]) == 5
    first = answer["items"][0]
    assert 1 <= first["rating"] <= 5
    assert 0 <= first["like"] <= 1
    assert "number" in first["title"]


def test_an_event_changes_the_next_answer(client: TestClient) -> None:
    before = client.post("/v1/recommend", json={"user_id": "fresh"}).json()
    assert not before["known"]
    sent = client.post("/v1/events", json={"events": [{"user_id": "fresh", "item_id": "i9", "kind": "like"}]})
    assert (sent.status_code, sent.json()["accepted"]) == (202, 1)
    after = client.post("/v1/recommend", json={"user_id": "fresh"}).json()
    assert after["known"]
    assert ids(after) != ids(before)
    assert "i9" not in ids(after)
    assert client.get("/v1/users/fresh").json()["history"][0]["item_id"] == "i9"


def test_a_person_is_known_or_a_stranger_and_not_both(client: TestClient) -> None:
    answer = client.post("/v1/recommend", json={"user_id": "u1", "history": [{"item_id": "i9"}]})
    assert answer.status_code == 422
    assert "give one of them" in answer.text


def test_strangers_and_new_items(client: TestClient) -> None:
    ask = {
        "history": [{"text": "jazz"}],
        "items": [{"item_id": "new", "title": "jazz number 100"}],
        "candidates": ["new", "i1"],
    }
    answer = client.post("/v1/recommend", json=ask).json()
    assert set(ids(answer)) == {"new", "i1"}
    assert not answer["known"]


def test_lists_as_somebody_wants_them(client: TestClient) -> None:
    """Tags go around: space, garden, kitchen, jazz. Whatever is asked for is seen in the list."""

    def tags(**asked: object) -> list[str]:
        answer = client.post("/v1/recommend", json={"user_id": "u1", "k": 8, **asked}).json()
        return [client.get(f"/v1/items/{item}").json()["tags"][0] for item in ids(answer)]

    assert set(tags()) == {"space", "garden", "kitchen", "jazz"}
    assert max(map(tags(rules={"caps": {"tags": 2}}).count, tags())) <= 2
    assert "jazz" not in tags(rules={"blocks": {"tags": ["jazz"]}})
    assert tags(steer="more jazz", strength=20).count("jazz") > tags().count("jazz")
    assert tags(rerank=["mmr:weight=1"]) != tags()
    assert tags(value="next^0 * like^1") != tags()


def test_notes_tell_what_was_understood_and_what_is_missing(client: TestClient) -> None:
    ask = {"user_id": "u1", "steer": "no jazz", "rules": {"caps": {"tags": 1}}}
    notes = client.post("/v1/recommend", json=ask).json()["notes"]
    assert notes[0].startswith("none 'jazz': tags jazz")
    assert "3 of 10 places are filled" in notes[1]


def test_a_new_item_says_its_price_and_is_valued_by_it(client: TestClient) -> None:
    new = [{"item_id": name, "title": "jazz", "attributes": {"price": price}} for name, price in (("a", 2), ("b", 9))]
    ask = {"user_id": "u1", "items": new, "value": "next^0 * item.price"}
    assert ids(client.post("/v1/recommend", json=ask).json()) == ["b", "a"]


def test_what_was_drawn_and_shown_is_learned_from(client: TestClient) -> None:
    ask = {"user_id": "u7", "k": 3, "explore": "thompson", "seed": 1}
    items = client.post("/v1/recommend", json=ask).json()["items"]
    assert all(0 < item["propensity"] <= 1 for item in items)
    places = [{name: item[name] for name in ("item_id", "rank", "propensity")} for item in items]
    sent = client.post("/v1/shown", json={"user_id": "u7", "items": places})
    assert (sent.status_code, sent.json()["accepted"]) == (202, 3)
    assert all(event["kind"] != "impression" for event in client.get("/v1/users/u7").json()["history"])
    calm = {**ask, "user_id": "u9", "explore": "thompson:scale=0"}
    before = client.post("/v1/recommend", json=calm).json()["items"]
    client.post("/v1/events", json={"events": [{"user_id": "u7", "item_id": items[0]["item_id"], "kind": "like"}]})
    after = client.post("/v1/recommend", json=calm).json()["items"]
    assert [item["score"] for item in after] != [item["score"] for item in before]


@pytest.mark.parametrize(
    "item", [{"item_id": "i1"}, {"item_id": "i1", "rank": 0}, {"item_id": "i1", "rank": 1, "propensity": 0}]
)
def test_what_cannot_have_been_shown_is_refused(client: TestClient, item: dict) -> None:
    assert client.post("/v1/shown", json={"user_id": "u1", "items": [item]}).status_code == 422


def test_a_new_item_says_when_it_was_made(client: TestClient) -> None:
    """Of two that say the same, the young one has the kept place; nobody knows the age of the catalogue's."""
    items = [
        {"item_id": "young", "title": "garden number 90", "created_at": int(time.time())},
        {"item_id": "old", "title": "garden number 90", "created_at": 1_000_000_000},
    ]
    ask = {"user_id": "u1", "items": items, "k": 5, "rerank": ["fresh:slots=1,days=365,place=1"]}
    answer = client.post("/v1/recommend", json=ask).json()
    assert ids(answer)[0] == "young", answer


def test_people_and_items_can_be_looked_up(client: TestClient) -> None:
    assert client.get("/v1/users", params={"query": "u5", "limit": 2}).json()["user_ids"][0].startswith("u5")
    assert client.get("/v1/items/i3").json()["title"] == "jazz number 3"
    assert client.get("/v1/items/nothing").status_code == 404
    assert client.get("/healthz").json()["status"] == "ok"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"user_id": "u1", "k": 0}, 422),
        ({"user_id": "u1", "k": 1001}, 422),
        ({"user": "u1"}, 422),
        ({"user_id": "u1", "rerank": ["mrr"]}, 422),
        ({"user_id": "u1", "rerank": "mmr"}, 422),
        ({"user_id": "u1", "rules": {"cap": {"tags": 1}}}, 422),
        ({"user_id": "u1", "rules": {"caps": {"tags": -1}}}, 422),
        ({"user_id": "u1", "rules": {"caps": {"maker": 1}}}, 422),
        ({"user_id": "u1", "rules": {"pins": {"one": "i1"}}}, 422),
        ({"user_id": "u1", "steer": "...", "k": 3}, 422),
        ({"user_id": "u1", "strength": 1.0}, 422),
        ({"user_id": "u1", "value": "liek"}, 422),
        ({"user_id": "u1", "value": "__import__('os')"}, 422),
        ({"user_id": "u1", "explore": "epsilom"}, 422),
        ({"user_id": "u1", "explore": "epsilon", "rules": {"caps": {"tags": 1}}}, 422),
        ({"user_id": "u1", "seed": 1}, 422),
        ({"history": [{}]}, 422),
        ({"history": [{"item_id": "i1", "value": 1e300}]}, 422),
        ({"user_id": "u1", "value": "like^1e308"}, 422),
        ({"user_id": "u1", "candidates": ["nothing"]}, 422),
    ],
)
def test_mistakes_are_refused(client: TestClient, body: dict, status: int) -> None:
    assert client.post("/v1/recommend", json=body).status_code == status


@pytest.mark.parametrize("body", ['{"k": NaN}', '{"steer": "jazz", "strength": 1e999}', r'{"user_id": "\ud800"}'])
def test_what_cannot_be_sent_back_is_refused_too(client: TestClient, body: str) -> None:
    found = client.post("/v1/recommend", content=body, headers={"content-type": "application/json"})
    assert found.status_code == 422
    error = found.json()["error"]
    assert error["type"] == "WrongForm"
    assert error["message"].startswith("body.")


def test_bad_json_and_large_bodies_are_refused(client: TestClient) -> None:
    headers = {"Content-Type": "application/json"}
    assert client.post("/v1/recommend", content="{", headers=headers).status_code == 422
    assert client.post("/v1/recommend", content=b" " * (Limits().body_bytes + 1), headers=headers).status_code == 413


@pytest.mark.parametrize(
    "path", ["/", *(f"/static/{name}" for name in PAGE_FILES), "/healthz", "/openapi.json", "/nothing"]
)
def test_every_answer_has_the_strict_headers(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == (404 if path == "/nothing" else 200)
    assert all(answer.headers[name] == value for name, value in HEADERS.items())


def test_only_named_page_files_are_served(client: TestClient) -> None:
    assert client.get("/static/index.html").status_code == 404
    assert client.get("/static/..%2Fapi.py").status_code == 404


def test_the_page_asks_nobody_else() -> None:
    for file in PAGE.iterdir():
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")  # a name, asked for by nobody
        assert "://" not in text
        assert "innerHTML" not in text


def test_other_addresses_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no key"):
        serve(tmp_path, host="0.0.0.0")

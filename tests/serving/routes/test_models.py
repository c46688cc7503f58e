"""Versions over HTTP: they change places while people ask."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from penchant.serving.api import create_app
from penchant.serving.events.open import open_log
from penchant.serving.versions import Versions
from penchant.serving.workspace import ALONE, LIVE, Workspace
from penchant.stages.model import Model


def another(run: Path) -> None:
    """A version as retraining leaves it, which had learned of nobody's events."""
    versions = Versions(run)
    with versions.draft() as draft:
        for part in ("model", "state"):
            shutil.copytree(run / part, draft / part)
        versions.keep(draft, created_at="2026-11-25", origin="retrain", verdict={"accepted": True})


@pytest.fixture
def space(small_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setenv("PENCHANT_CACHE", str(small_run.parent / "cache"))
    shutil.copytree(small_run, tmp_path / "run")
    found = Workspace.open(tmp_path / "run", open_log(tmp_path / "run" / LIVE))
    another(tmp_path / "run")
    yield found
    found.close()


@pytest.fixture
def client(space: Workspace) -> TestClient:
    return TestClient(create_app({ALONE: space}))


def test_activate_and_roll_back(client: TestClient) -> None:
    client.post("/v1/events", json={"events": [{"user_id": "fresh", "item_id": "i9"}]})
    told = client.get("/v1/models").json()
    assert told["active"] == 1
    assert [(each["number"], each["origin"], each["verdict"]) for each in told["versions"]] == [
        (1, "train", None),
        (2, "retrain", {"accepted": True}),
    ]
    assert client.post("/v1/models/2/activate").json()["active"] == 2
    answer = client.post("/v1/recommend", json={"user_id": "fresh"}).json()
    assert (answer["version"], answer["known"]) == (2, True)
    assert client.post("/v1/models/1/activate").json()["active"] == 1
    assert client.post("/v1/recommend", json={"user_id": "fresh"}).json()["version"] == 1


@pytest.mark.parametrize(("number", "status"), [("9", 404), ("0", 422), ("..%2F1", 404), ("model", 422)])
def test_what_is_no_version(client: TestClient, number: str, status: int) -> None:
    assert client.post(f"/v1/models/{number}/activate").status_code == status
    assert client.get("/v1/models").json()["active"] == 1


def test_a_damaged_version_is_not_put_in_charge(client: TestClient, space: Workspace) -> None:
    assert space.folder is not None
    (space.folder / "versions" / "2" / "model" / "items.parquet").write_bytes(b"nothing")
    answer = client.post("/v1/models/2/activate")
    assert answer.status_code == 409
    assert str(space.folder) not in answer.text
    assert client.get("/v1/models").json()["active"] == 1


def test_a_swap_drops_no_request_and_no_event(client: TestClient, space: Workspace) -> None:
    """Four people ask and act without a pause while the versions change places six times."""
    failed: list[str] = []
    sent = [0] * 4
    stop = threading.Event()

    def person(number: int) -> None:
        while not stop.is_set():
            event = {"user_id": f"p{number}", "item_id": f"i{sent[number] % 40}"}
            answers = [
                client.post("/v1/events", json={"events": [event]}),
                client.post("/v1/recommend", json={"user_id": f"p{number}", "k": 3}),
            ]
            failed.extend(answer.text for answer in answers if answer.status_code not in (200, 202))
            sent[number] += 1

    people = [threading.Thread(target=person, args=(number,)) for number in range(4)]
    for each in people:
        each.start()
    seen = [client.post(f"/v1/models/{1 + turn % 2}/activate").json()["active"] for turn in range(1, 7)]
    stop.set()
    for each in people:
        each.join()
    assert seen == [2, 1, 2, 1, 2, 1]
    assert failed == []
    assert min(sent) > 0
    for number in range(4):
        assert len(client.get(f"/v1/users/p{number}", params={"limit": 1000}).json()["history"]) == sent[number]


def test_a_model_that_was_handed_over_is_the_one_version(small_model: Model) -> None:
    client = TestClient(create_app(small_model))
    told = client.get("/v1/models").json()
    assert (told["active"], [each["origin"] for each in told["versions"]]) == (1, ["given"])
    assert client.post("/v1/models/1/activate").status_code == 404

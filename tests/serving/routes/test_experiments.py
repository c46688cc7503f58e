"""Experiments over HTTP, between two versions of one run."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from penchant.serving.api import create_app
from penchant.serving.events.open import open_log
from penchant.serving.versions import Versions
from penchant.serving.workspace import ALONE, LIVE, Workspace
from penchant.stages.model import Model


@pytest.fixture
def run(small_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two versions: the second thinks that i1 is gone, so that it is seen who answers."""
    monkeypatch.setenv("PENCHANT_CACHE", str(small_run.parent / "cache"))
    shutil.copytree(small_run, tmp_path / "run")
    versions = Versions(tmp_path / "run")
    versions.adopt()
    with versions.draft() as draft:
        for part in ("model", "state"):
            shutil.copytree(small_run / part, draft / part)
        versions.keep(draft, created_at="2026-11-25", origin="retrain", hidden=["i1"])
    return tmp_path / "run"


@pytest.fixture
def space(run: Path) -> Iterator[Workspace]:
    found = Workspace.open(run, open_log(run / LIVE))
    yield found
    found.close()


@pytest.fixture
def client(space: Workspace) -> TestClient:
    return TestClient(create_app({ALONE: space}))


def versions_of(client: TestClient, people: int = 30) -> list[int]:
    return [client.post("/v1/recommend", json={"user_id": f"p{n}", "k": 3}).json()["version"] for n in range(people)]


def test_a_share_of_the_people_is_answered_by_the_challenger_and_stays_with_it(
    client: TestClient, space: Workspace, run: Path
) -> None:
    assert client.get("/v1/experiments").json() == {"running": None, "results": None}
    begun = client.post("/v1/experiments", json={"name": "newer", "challenger": 2, "share": 0.5})
    assert begun.status_code == 201
    assert begun.json()["running"] == {"name": "newer", "kind": "ab", "control": 1, "challenger": 2, "share": 0.5}
    answered = versions_of(client)
    assert set(answered) == {1, 2}
    assert versions_of(client) == answered
    together = client.post("/v1/recommend/batch", json={"user_ids": [f"p{n}" for n in range(30)], "k": 40}).json()
    assert [together["others"].get(f"p{n}", together["version"]) for n in range(30)] == answered
    for number, version in enumerate(answered):
        assert ("i1" in [item["item_id"] for item in together["lists"][f"p{number}"]]) == (version == 1)
    for number, version in enumerate(answered):
        items = client.post("/v1/recommend", json={"user_id": f"p{number}", "k": 40}).json()["items"]
        assert ("i1" in [item["item_id"] for item in items]) == (version == 1)
        shown = {"user_id": f"p{number}", "items": [{"item_id": "i9", "rank": 1, "propensity": 0.5}]}
        assert client.post("/v1/shown", json=shown).status_code == 202
    ours = answered.index(2)
    client.post("/v1/events", json={"events": [{"user_id": f"p{ours}", "item_id": "i9", "kind": "click"}]})
    kept = [row.event for row in space.log.read(ALONE)]
    assert json.loads(kept[ours]["context"])["version"] == 2
    assert kept[ours]["propensity"] == 0.5
    arms = client.get("/v1/experiments").json()["results"]["arms"]
    assert (arms["challenger"]["clicks"], arms["control"]["clicks"]) == (1, 0)
    assert arms["challenger"]["impressions"] == answered.count(2)
    space.close()
    again = Workspace.open(run, open_log(run / LIVE))
    assert versions_of(TestClient(create_app({ALONE: again}))) == answered
    again.close()


def test_events_and_forgetting_reach_both(client: TestClient) -> None:
    client.post("/v1/experiments", json={"name": "newer", "challenger": 2, "share": 0.5})
    for number in range(10):
        client.post("/v1/events", json={"events": [{"user_id": f"p{number}", "item_id": "i9", "kind": "like"}]})
        assert client.post("/v1/recommend", json={"user_id": f"p{number}"}).json()["known"]
        client.delete(f"/v1/users/p{number}")
        assert not client.post("/v1/recommend", json={"user_id": f"p{number}"}).json()["known"]


def test_one_at_a_time_and_versions_stay_until_it_ends(client: TestClient) -> None:
    ask = {"name": "newer", "challenger": 2}
    assert client.post("/v1/experiments", json={**ask, "challenger": 9}).status_code == 404
    assert client.post("/v1/experiments", json={**ask, "challenger": 1}).status_code == 422
    assert client.post("/v1/experiments", json={**ask, "share": 1.0}).status_code == 422
    assert client.post("/v1/experiments", json=ask).status_code == 201
    assert client.post("/v1/experiments", json=ask).status_code == 409
    assert client.post("/v1/models/2/activate").status_code == 409
    assert client.delete("/v1/experiments").json()["running"]["name"] == "newer"
    assert set(versions_of(client)) == {1}
    assert client.post("/v1/models/2/activate").status_code == 200


def test_a_shadow_answers_nobody_and_is_compared(client: TestClient) -> None:
    client.post("/v1/experiments", json={"name": "dark", "kind": "shadow", "challenger": 2})
    assert set(versions_of(client)) == {1}
    client.post("/v1/recommend", json={"user_id": "u1", "candidates": ["i1", "i2"], "exclude_seen": False})
    told = client.get("/v1/experiments").json()["results"]["agreement"]
    assert told["lists"] == 31
    assert 0.9 < told["overlap"] < 1  # all the same, but for the one that is asked for i1


def test_a_model_without_a_run_has_nothing_to_compare(small_model: Model) -> None:
    client = TestClient(create_app(small_model))
    assert client.post("/v1/experiments", json={"name": "newer", "challenger": 2}).status_code == 404

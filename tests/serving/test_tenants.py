"""Tenants of one real server: a run for each, and nothing of one is ever seen by another."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from penchant.records.errors import ConfigError, LockedError
from penchant.serving.access.keys import Keys, Scope
from penchant.serving.access.limits import Limits
from penchant.serving.access.protect import protect
from penchant.serving.api import create_app
from penchant.serving.tenants import open_workspace, open_workspaces
from penchant.serving.workspace import LIVE
from serving.access.walking import client

NAMES = ("default", "south")


@pytest.fixture
def asking(small_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, TestClient]]:
    """A client of each of two tenants, with a key for everything."""
    monkeypatch.setenv("PENCHANT_CACHE", str(small_run.parent / "cache"))
    runs = {name: tmp_path / name for name in NAMES}
    for run in runs.values():
        shutil.copytree(small_run, run)
    keys = {name: Keys(runs["default"]).create(Scope.ADMIN, tenant=name)[0] for name in (*NAMES, "nowhere")}
    with open_workspaces(runs["default"], {"south": runs["south"]}) as workspaces:
        app = protect(create_app(workspaces), runs["default"], limits=Limits(requests_per_minute=10**6))
        yield {name: client(app, key) for name, key in keys.items()}


def event(person: str, item: str) -> dict[str, Any]:
    return {"events": [{"user_id": person, "item_id": item, "kind": "like"}]}


def recommended(asking: TestClient, person: str) -> list[tuple[str, float]]:
    found = asking.post("/v1/recommend", json={"user_id": person, "k": 40}).json()["items"]
    return [(item["item_id"], item["score"]) for item in found]


def test_events_of_one_change_nothing_for_the_other(asking: dict[str, TestClient]) -> None:
    """Not whom it knows, not a score of anybody; and the numbers of its log begin at 1."""
    north, south = asking["default"], asking["south"]
    before = {person: recommended(south, person) for person in ("u1", "u2", "stranger")}
    for number in range(10):
        assert north.post("/v1/events", json=event("secret-person", f"i{number}")).status_code == 202
    new = {"items": [{"item_id": "secret-item", "title": "jazz number 1"}]}
    assert north.put("/v1/items", json=new).status_code < 300
    assert north.get("/v1/users", params={"query": "secret"}).json()["user_ids"] == ["secret-person"]
    assert {person: recommended(south, person) for person in before} == before
    for path in ("/v1/users?query=secret", "/v1/users/secret-person"):
        told = south.get(path)
        assert told.status_code < 500
        assert "i9" not in told.text
    assert south.get("/v1/users", params={"query": "secret"}).json()["user_ids"] == []
    assert south.get("/v1/items/secret-item").status_code == 404
    assert south.post("/v1/events", json=event("ann", "i1")).json()["sequences"] == [1]
    assert south.delete("/v1/users/secret-person").status_code < 500
    assert len(north.get("/v1/users/secret-person").json()["history"]) == 10


def test_a_key_of_a_tenant_without_a_run_gets_nowhere(asking: dict[str, TestClient]) -> None:
    for path in ("/v1/users", "/v1/panel/model", "/v1/items/i1"):
        assert asking["nowhere"].get(path).status_code == 403


def walls(asking: dict[str, TestClient]) -> type[RuleBasedStateMachine]:
    """Two tenants do something in turn, in whatever order; ids of the one are asked for by the other, too."""

    class Walls(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.expected: dict[str, dict[str, list[str]]] = {name: {} for name in NAMES}
            for name in NAMES:
                for person in asking[name].get("/v1/users?query=p-").json()["user_ids"]:
                    assert asking[name].delete(f"/v1/users/{person}").status_code < 300

        @rule(
            tenant=st.sampled_from(NAMES),
            person=st.sampled_from(["p-a", "p-b", "p-default"]),
            number=st.integers(0, 39),
        )
        def somebody_likes_something(self, tenant: str, person: str, number: int) -> None:
            sent = asking[tenant].post("/v1/events?tenant=south", json=event(person, f"i{number}"))
            assert sent.status_code == 202
            self.expected[tenant].setdefault(person, []).insert(0, f"i{number}")

        @rule(tenant=st.sampled_from(NAMES), person=st.sampled_from(["p-a", "p-b", "p-default"]))
        def somebody_is_forgotten(self, tenant: str, person: str) -> None:
            assert asking[tenant].delete(f"/v1/users/{person}").status_code < 500
            self.expected[tenant].pop(person, None)

        @invariant()
        def each_sees_its_own(self) -> None:
            for tenant, people in self.expected.items():
                known = asking[tenant].get("/v1/users?query=p-").json()["user_ids"]
                assert sorted(known) == sorted(people)
                for person in ("p-a", "p-b", "p-default"):
                    past = asking[tenant].get(f"/v1/users/{person}").json()["history"]
                    assert sorted(one["item_id"] for one in past) == sorted(people.get(person, []))

    return Walls


STEPS = settings(
    max_examples=4, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck), database=None
)


def test_two_tenants_in_turn_each_see_their_own(asking: dict[str, TestClient]) -> None:
    run_state_machine_as_test(walls(asking), settings=STEPS)


def test_one_workspace_for_both_is_found_out(asking: dict[str, TestClient]) -> None:
    """The mutant: the walls have a door."""
    first = settings(STEPS, max_examples=20, phases=[Phase.generate])
    with pytest.raises(AssertionError):
        run_state_machine_as_test(walls({**asking, "south": asking["default"]}), settings=first)


@pytest.mark.parametrize("name", ["default", "A", "", "a_b", "../x"])
def test_a_tenant_has_a_name_that_keys_have(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="A tenant is named by"), open_workspaces(tmp_path, {name: tmp_path / "x"}):
        pass


def test_each_has_a_run_of_its_own(tmp_path: Path) -> None:
    same = tmp_path / "x" / ".."
    with pytest.raises(ConfigError, match="one is named twice"), open_workspaces(tmp_path, {"shop": same}):
        pass
    assert not (tmp_path / LIVE).exists()


def test_a_run_is_one_process_s_alone_wherever_its_log_is(
    small_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENCHANT_CACHE", str(small_run.parent / "cache"))
    run = shutil.copytree(small_run, tmp_path / "run")
    with open_workspace(run, events=str(tmp_path / "one")):
        for other in (str(tmp_path / "two"), None):
            with pytest.raises(LockedError), open_workspace(run, events=other):
                pass
    with open_workspace(run, events=str(run / LIVE)) as space:
        assert space.log.last("default") == 0

"""The walls between tenants: whatever two of them do in turn, neither ever sees a trace of the other.

A store in memory stands for the real one, and this application for ours: what is tested is that the gate tells whose data a
request is about, whatever the request itself says of it. The real one follows below.
"""

import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import Body, FastAPI
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from penchant.serving.access.caller import Tenant
from penchant.serving.access.keys import Keys, Scope
from penchant.serving.access.limits import Limits
from penchant.serving.access.protect import protect
from serving.access.walking import client

TENANTS = st.sampled_from(["north", "south"])
PEOPLE = st.sampled_from(["ann", "bob", "north", "south", "north/ann", "%", "*", ""])
ITEMS = st.sampled_from(["i1", "i2", "i3"])
LIES = st.sampled_from([None, "north", "south", "default", "*"])


def store(key_by_body: bool = False) -> FastAPI:
    """Histories by tenant and person; the mutant believes the body."""
    app, kept = FastAPI(), defaultdict[tuple[str, str], list[str]](list)

    @app.post("/v1/events")
    def add(tenant: Tenant, event: Annotated[dict[str, Any], Body()]) -> int:
        whose = event.get("tenant") or tenant if key_by_body else tenant
        kept[whose, event["user_id"]].append(f"{tenant}:{event['item_id']}")
        return len(kept[whose, event["user_id"]])

    @app.get("/v1/users")
    def people(tenant: Tenant, query: str = "") -> list[str]:
        return sorted(person for whose, person in kept if whose == tenant and person.startswith(query))

    @app.post("/v1/recommend")
    def history(tenant: Tenant, ask: Annotated[dict[str, Any], Body()]) -> list[str]:
        return kept.get((tenant, ask["user_id"]), [])

    @app.delete("/v1/users/{user_id}")
    def forget(tenant: Tenant, user_id: str) -> int:
        return len(kept.pop((tenant, user_id), []))

    return app


class Walls(RuleBasedStateMachine):
    """Two tenants take turns; a dictionary of each says what it should see."""

    mutant = False

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        run = Path(self.folder.name)
        keys = {name: Keys(run).create(Scope.ADMIN, tenant=name)[0] for name in ("north", "south")}
        app = protect(store(self.mutant), run, limits=Limits(requests_per_minute=10**6))
        self.asking = {name: client(app, key) for name, key in keys.items()}
        self.expected: dict[str, dict[str, list[str]]] = {"north": {}, "south": {}}

    def teardown(self) -> None:
        self.folder.cleanup()

    @rule(tenant=TENANTS, person=PEOPLE, item=ITEMS, lie=LIES)
    def somebody_does_something(self, tenant: str, person: str, item: str, lie: str | None) -> None:
        event = {"user_id": person, "item_id": item} | ({"tenant": lie} if lie else {})
        headers = {"X-Tenant": lie, "Cookie": f"tenant={lie}"} if lie else {}
        done = self.asking[tenant].post(f"/v1/events?tenant={lie}", json=event, headers=headers)
        assert done.status_code == 200
        self.expected[tenant].setdefault(person, []).append(f"{tenant}:{item}")

    @rule(tenant=TENANTS, person=PEOPLE, lie=LIES)
    def somebody_is_looked_at(self, tenant: str, person: str, lie: str | None) -> None:
        told = self.asking[tenant].post("/v1/recommend", json={"user_id": person, "tenant": lie}).json()
        assert told == self.expected[tenant].get(person, [])

    @rule(tenant=TENANTS, person=PEOPLE.filter(lambda name: name and "/" not in name))
    def somebody_is_forgotten(self, tenant: str, person: str) -> None:
        done = self.asking[tenant].delete(f"/v1/users/{person}").json()
        assert done == len(self.expected[tenant].pop(person, []))

    @invariant()
    def each_sees_its_own_people(self) -> None:
        for tenant, people in self.expected.items():
            assert self.asking[tenant].get("/v1/users").json() == sorted(people)


class BelievesTheBody(Walls):
    mutant = True


STEPS = settings(max_examples=12, stateful_step_count=15, deadline=None)
FIRST = settings(STEPS, max_examples=100, phases=[Phase.generate], report_multiple_bugs=False, database=None)


def test_no_tenant_sees_anything_of_another() -> None:
    run_state_machine_as_test(Walls, settings=STEPS)


def test_a_store_that_believes_the_body_is_found_out() -> None:
    with pytest.raises(AssertionError):
        run_state_machine_as_test(BelievesTheBody, settings=FIRST)

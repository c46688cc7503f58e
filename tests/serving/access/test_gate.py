"""The one way in. The walk asks every route of the real application, with workspaces that nobody may touch."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.websockets import WebSocketDisconnect

from penchant.serving.access.audit import AuditLog
from penchant.serving.access.caller import Asking
from penchant.serving.access.keys import Keys, Scope
from penchant.serving.access.limits import Limits
from penchant.serving.access.policy import OPEN
from penchant.serving.access.protect import protect
from penchant.serving.api import create_app
from serving.access.walking import HERE, THERE, client, holes, routes, unlisted

PATIENT = Limits(refused_per_minute=100_000)


class Untouched(Mapping[str, Any]):
    """Stands for the workspaces of tenants: it remembers whoever asks for one. Enough, as no refused request gets so far."""

    def __init__(self) -> None:
        self.touched: list[str] = []

    def __getitem__(self, tenant: str) -> Any:
        self.touched.append(tenant)
        raise KeyError(tenant)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, str]:
    return {scope.name: Keys(tmp_path).create(scope)[0] for scope in Scope}


@pytest.fixture
def useless(tmp_path: Path, keys: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """None, nonsense, of somebody else's server, revoked, expired."""
    mine, now = Keys(tmp_path), time.time()
    revoked, record = mine.create(Scope.ADMIN)
    mine.revoke(record.key_id)
    expired, _ = mine.create(Scope.ADMIN, seconds=5)
    monkeypatch.setattr(time, "time", lambda: now + 6)
    return [None, "", "nonsense", Keys(tmp_path / "other").create(Scope.ADMIN)[0], revoked, expired]


def small(app: FastAPI | None = None) -> FastAPI:
    """An application that says who asked."""
    app = app or FastAPI()

    @app.get("/v1/users")
    def who(asking: Asking) -> list[str]:
        return [asking.tenant, asking.scope.name, asking.key_id]

    @app.post("/v1/events")
    def change(asking: Asking) -> str:
        return asking.tenant

    @app.delete("/v1/users/{user_id}")
    def forget(user_id: str, asking: Asking) -> str:
        return asking.tenant

    @app.get("/healthz")
    def health() -> str:
        return "ok"

    return app


def test_every_route_of_the_application_is_listed_and_shut(
    tmp_path: Path, keys: dict[str, str], useless: list[str | None]
) -> None:
    workspaces = Untouched()
    app = protect(create_app(workspaces), tmp_path, limits=PATIENT)
    assert len(list(routes(app))) > 10
    assert unlisted(app) == []
    assert holes(app, useless, keys) == []
    assert workspaces.touched == []
    other, _ = Keys(tmp_path).create(tenant="other")
    for key in (keys["READ"], other):
        assert client(app, key).get("/v1/users").status_code == 403
    assert workspaces.touched == ["default", "other"]


def test_what_is_open_is_this() -> None:
    assert {"/healthz", "/readyz", "/", "/static/{name}"} == OPEN


def test_the_walk_finds_a_route_outside_of_the_gate(
    tmp_path: Path, keys: dict[str, str], useless: list[str | None]
) -> None:
    """The mutant of gorse#1292: handlers that were registered beside the filter."""

    def dump(_: Request) -> PlainTextResponse:
        return PlainTextResponse("everything")

    inside = protect(small(), tmp_path, limits=PATIENT)
    assert holes(Starlette(routes=[Mount("/", inside)]), useless, keys) == []
    beside = Starlette(routes=[Route("/v1/dump", dump), Mount("/", inside)])
    assert holes(beside, useless, keys) == ["GET /v1/dump", "HEAD /v1/dump"]
    assert "GET /v1/dump" in unlisted(beside)


def test_a_route_that_nobody_listed_needs_admin(tmp_path: Path, keys: dict[str, str]) -> None:
    app = small()
    app.add_api_route("/v1/dump", lambda: "everything")
    guarded = protect(app, tmp_path)
    assert "GET /v1/dump" in unlisted(guarded)
    told = {scope: client(guarded, key).get("/v1/dump").status_code for scope, key in keys.items()}
    assert told == {"READ": 403, "WRITE": 403, "ADMIN": 200}


def test_scopes_include_those_before_and_routes_know_who_asks(tmp_path: Path, keys: dict[str, str]) -> None:
    app = protect(small(), tmp_path)
    assert [client(app, key).get("/v1/users").status_code for key in keys.values()] == [200] * 3
    assert [client(app, key).post("/v1/events").status_code for key in keys.values()] == [403, 200, 200]
    other, record = Keys(tmp_path).create(Scope.READ, tenant="other")
    assert client(app, other).get("/v1/users").json() == ["other", "READ", record.key_id]


def test_without_any_key_the_machine_itself_may_do_everything_and_nobody_else(tmp_path: Path) -> None:
    app = protect(small(), tmp_path)
    assert client(app, where=HERE).get("/v1/users").json() == ["default", "ADMIN", "local"]
    assert client(app, where=("::1", 5)).post("/v1/events").status_code == 200
    assert client(app, where=THERE).get("/v1/users").status_code == 401
    assert client(app, where=("nonsense", 5)).get("/v1/users").status_code == 401
    assert client(app, where=THERE).get("/healthz").status_code == 200


def test_insecure_lets_in_everybody_until_there_is_a_key(tmp_path: Path) -> None:
    app = protect(small(), tmp_path, insecure=True)
    assert client(app).get("/v1/users").status_code == 200
    key, _ = Keys(tmp_path).create()
    assert client(app).get("/v1/users").status_code == 401
    assert client(app, key).get("/v1/users").status_code == 200


def test_keys_that_come_and_go_while_it_runs(tmp_path: Path) -> None:
    app = protect(small(), tmp_path)
    key, record = Keys(tmp_path).create()
    assert client(app, where=HERE).get("/v1/users").status_code == 401
    assert client(app, key).get("/v1/users").status_code == 200
    Keys(tmp_path).revoke(record.key_id)
    assert client(app, key, HERE).get("/v1/users").status_code == 401
    assert client(app, where=HERE).get("/v1/users").status_code == 401


def test_a_server_that_lost_its_keys_stays_shut(tmp_path: Path, keys: dict[str, str]) -> None:
    app = protect(small(), tmp_path)
    (tmp_path / "access" / "keys.json").write_text("{")
    assert client(app, keys["ADMIN"], HERE).get("/v1/users").status_code == 500
    (tmp_path / "access" / "keys.json").unlink()
    assert client(app, keys["ADMIN"], HERE).get("/v1/users").status_code == 401
    assert client(app, where=HERE).get("/v1/users").status_code == 401
    assert client(app, where=HERE).get("/healthz").status_code == 200


@pytest.mark.parametrize("said", ["Basic {}", "{}", "Bearer", "Bearer {} {}", "Bearer Bearer {}"])
def test_only_one_bearer_key_in_one_header_counts(tmp_path: Path, keys: dict[str, str], said: str) -> None:
    app, key = protect(small(), tmp_path), keys["ADMIN"]
    assert client(app).get("/v1/users", headers={"Authorization": f"bearer {key}"}).status_code == 200
    assert client(app).get("/v1/users", headers={"Authorization": said.format(key, key)}).status_code == 401
    twice = [("Authorization", f"Bearer {key}"), ("Authorization", f"Bearer {key}")]
    assert client(app).get("/v1/users", headers=twice).status_code == 401
    refused = client(app).get("/v1/users", params={"key": "x"})
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    assert set(refused.json()["error"]) == {"type", "message"}


def test_a_key_in_an_address_is_refused_wherever_it_stands(tmp_path: Path, keys: dict[str, str]) -> None:
    asking, key = client(protect(small(), tmp_path), keys["ADMIN"]), keys["ADMIN"]
    for path in (f"/v1/users?key={key}", f"/v1/users/{key}", f"/healthz?a=%70n_{key[3:]}"):
        answer = asking.get(path)
        assert (answer.status_code, answer.json()["error"]["type"]) == (400, "KeyInUrl")
        assert key not in answer.text
    assert asking.get("/v1/users?name=pn_ann").status_code == 200


def test_a_rebound_name_leads_nowhere(tmp_path: Path) -> None:
    app = protect(small(), tmp_path, allow_hosts=["Shop.Example"])
    here = client(app, where=HERE)
    for host, code in (("evil.example:8000", 421), ("shop.example", 200), ("127.0.0.1:8000", 200), ("[::1]:8000", 200)):
        assert here.get("/v1/users", headers={"Host": host}).status_code == code, host
    for host in ("", "localhost@evil.example", "localhost.evil.example", "[", "localhost/x", "localhost:1:2"):
        assert here.get("/healthz", headers={"Host": host}).status_code == 421, host


def test_pages_of_others_change_nothing(tmp_path: Path) -> None:
    here = client(protect(small(), tmp_path), where=HERE)
    allowed: list[dict[str, str]] = [
        {},
        {"Origin": "http://localhost:8000"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ]
    foreign = [
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://localhost:8000", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ]
    assert [here.post("/v1/events", headers=headers).status_code for headers in allowed] == [200] * 4
    assert [here.post("/v1/events", headers=headers).status_code for headers in foreign] == [403] * 6
    assert [here.delete("/v1/users/x", headers=headers).status_code for headers in foreign] == [403] * 6
    read = here.get("/v1/users", headers=foreign[0])
    assert read.status_code == 200
    asked = here.options("/v1/events", headers={**foreign[0], "Access-Control-Request-Method": "POST"})
    assert asked.status_code == 403
    for answer in (read, asked):
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_there_are_no_sockets(tmp_path: Path) -> None:
    app = FastAPI()

    @app.websocket("/live")
    async def live(socket: Any) -> None:
        raise AssertionError("somebody got in")

    with (
        pytest.raises(WebSocketDisconnect) as left,
        client(protect(app, tmp_path), where=HERE).websocket_connect("/live"),
    ):
        pass
    assert left.value.code == 1008


def test_a_burst_of_one_key_is_cut_exactly_and_another_key_goes_on(tmp_path: Path, keys: dict[str, str]) -> None:
    app = protect(small(), tmp_path, limits=Limits(requests_per_minute=20))
    reader = client(app, keys["READ"])
    answers = [reader.get("/v1/users") for _ in range(30)]
    codes = [answer.status_code for answer in answers]
    assert codes[:20] == [200] * 20
    assert codes.count(200) in (20, 21)
    assert {answer.headers["Retry-After"] for answer in answers if answer.status_code == 429} <= {"1", "2", "3"}
    assert client(app, keys["WRITE"]).get("/v1/users").status_code == 200
    assert reader.get("/healthz").status_code == 200


def test_an_address_of_many_refusals_is_told_to_wait_and_fills_no_log(tmp_path: Path, keys: dict[str, str]) -> None:
    app = protect(small(), tmp_path, limits=Limits(refused_per_minute=5))
    codes = [client(app).get("/v1/users").status_code for _ in range(30)]
    assert codes[:5] == [401] * 5
    assert codes.count(401) in (5, 6)
    assert codes[-1] == 429
    assert client(app, where=("192.0.2.8", 5)).get("/v1/users").status_code == 401
    assert client(app, keys["READ"]).get("/v1/users").status_code == 200
    assert AuditLog(tmp_path).verify().num_lines <= 7


def test_refusals_and_deeds_are_audited_without_what_was_said(tmp_path: Path, keys: dict[str, str]) -> None:
    app = protect(small(), tmp_path)
    client(app).get("/v1/users/ann@mail.example")
    client(app, keys["READ"]).post("/v1/events", json={"text": "canary"})
    client(app, keys["ADMIN"]).delete("/v1/users/ann@mail.example")
    client(app, keys["READ"]).get("/v1/users")
    log = AuditLog(tmp_path)
    assert log.verify().num_lines == 3
    written = log.path.read_text()
    for canary in ("ann@", "canary", "192.0.2.7", *keys.values(), *(key.rpartition("_")[2] for key in keys.values())):
        assert canary not in written
    first, second, third = written.splitlines()
    assert '"nobody"' in first
    assert "refused 401" in first
    assert "refused 403" in second
    assert "POST /v1/events" in second
    assert '"outcome": "200"' in third
    ids = [record.key_id for record in Keys(tmp_path).all()]
    assert ids[0] in second
    assert ids[2] in third


def test_nobody_brings_along_who_they_are(tmp_path: Path, keys: dict[str, str]) -> None:
    """Whatever a request says of a tenant, it is the key's."""
    app = protect(small(), tmp_path)
    told = client(app, keys["READ"]).get(
        "/v1/users?tenant=other",
        headers={"X-Tenant": "other", "Cookie": "tenant=other", "X-Forwarded-For": "127.0.0.1"},
    )
    assert told.json()[0] == "default"
    assert client(small()).get("/v1/users").status_code == 500

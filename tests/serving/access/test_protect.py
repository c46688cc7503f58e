"""The layers together, and where a server may listen."""

import logging
from pathlib import Path

import pytest
from fastapi import FastAPI

from penchant.records.errors import ConfigError
from penchant.serving.access.audit import AuditLog
from penchant.serving.access.headers import HEADERS
from penchant.serving.access.keys import Keys, Scope
from penchant.serving.access.limits import Limits
from penchant.serving.access.protect import check_address, protect
from serving.access.walking import HERE, client


def test_another_address_needs_a_key_or_somebody_who_insists(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for host in ("127.0.0.1", "localhost", "::1"):
        check_address(tmp_path, host)
    for host in ("0.0.0.0", "::", "192.0.2.1", "", "127.0.0.2.example"):
        with pytest.raises(ConfigError, match="penchant keys create"):
            check_address(tmp_path, host)
    check_address(tmp_path, "0.0.0.0", insecure=True)
    assert "everybody who reaches 0.0.0.0" in caplog.text
    with pytest.raises(ConfigError, match=r"--insecure would change nothing: 127\.0\.0\.1"):
        check_address(tmp_path, "127.0.0.1", insecure=True)
    _, record = Keys(tmp_path).create()
    check_address(tmp_path, "0.0.0.0")
    Keys(tmp_path).revoke(record.key_id)
    check_address(tmp_path, "0.0.0.0")
    with pytest.raises(ConfigError, match="there are keys"):
        check_address(tmp_path, "0.0.0.0", insecure=True)


def test_every_refusal_of_every_layer_has_the_strict_headers_and_the_one_form(tmp_path: Path) -> None:
    key, _ = Keys(tmp_path).create(Scope.WRITE)
    app = FastAPI()

    @app.post("/v1/events")
    def fail() -> None:
        raise RuntimeError("inside")

    asking = client(protect(app, tmp_path, limits=Limits(requests_per_minute=3)), key, HERE)
    json = {"Content-Type": "application/json"}
    answers = [
        asking.get("/healthz", headers={"Host": "evil.example"}),
        asking.post("/v1/events", headers={"Origin": "http://evil.example"}),
        client(protect(app, tmp_path)).post("/v1/events"),
        asking.get("/v1/unlisted"),
        asking.post("/v1/events", content=b"[" * 30, headers=json),
        asking.post("/v1/events", content=b"a" * (2**20 + 1), headers=json),
        asking.post("/v1/events"),
        asking.post("/v1/events"),
        asking.get("/healthz", headers={"X": "a" * 70_000}),
    ]
    assert [answer.status_code for answer in answers] == [421, 403, 401, 403, 400, 413, 500, 429, 431]
    for answer in answers:
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert set(answer.json()["error"]) == {"type", "message"}


def test_no_secret_is_in_any_log_error_or_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Canaries wherever a request may hold them; the log at its most talkative."""
    key, _ = Keys(tmp_path).create(Scope.ADMIN)
    wrong = f"pn_default_{'c0ffee' * 10}c0ff"
    canaries = [key.rpartition("_")[2], wrong.rpartition("_")[2], "canary-1", "canary-2", "canary-3", "canary-4"]
    app = FastAPI()

    @app.post("/v1/events")
    def fail(query: str) -> None:
        raise ValueError(query)

    told = []
    with caplog.at_level(logging.DEBUG):
        for presented in (key, wrong, "canary-1"):
            asking = client(protect(app, tmp_path), presented, HERE)
            headers = {"X-Canary": "canary-2", "Cookie": "a=canary-2", "Origin": "http://localhost:8000"}
            for path in ("/v1/events?query=canary-3", f"/v1/events?query={key}", f"/{key}", "/v1/users/canary-3"):
                answer = asking.post(path, json={"text": "canary-4"}, headers=headers)
                told.append(answer.text + str(answer.headers))
    told += [line for line in caplog.text.splitlines() if "httpx" not in line and "asyncio" not in line]
    told += [path.read_text(errors="replace") for path in (tmp_path / "access").iterdir()]
    assert len(told) > 10
    assert AuditLog(tmp_path).verify().num_lines > 5
    assert not [canary for canary in canaries for line in told if canary in line]

"""The log: JSON, one line per record, and none of two hundred canaries in it."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from penchant.serving.logs import LOG, log_as_json, log_request
from penchant.serving.watch import REQUEST_ID, Watch

CANARIES = [
    each.format(number)
    for number in range(40)
    for each in ("mail{:03}@example.org", "138123450{:02}", "1101051949123100{:02}", "41111111111111{:02}", "10.1.2.{}")
]


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    kept = LOG.handlers, LOG.propagate, LOG.level
    stream = io.StringIO()
    log_as_json(stream)
    yield stream
    LOG.handlers, LOG.propagate, LOG.level = kept


def app() -> FastAPI:
    made = FastAPI()

    @made.post("/people/{name}")
    async def person(name: str, request: Request) -> str:
        await request.body()
        if name == "broken":
            raise ValueError(name)
        return name

    made.add_middleware(Watch, watchers=[log_request], version=lambda _: 3)
    return made


def test_a_line_for_each_request(stream: io.StringIO) -> None:
    TestClient(app()).post("/people/ann", headers={REQUEST_ID: "a" * 20})
    line = json.loads(stream.getvalue())
    assert line.pop("ms") > 0
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "event": "request",
        "request_id": "a" * 20,
        "tenant": "",
        "method": "POST",
        "route": "/people/{name}",
        "status": 200,
        "version": 3,
    }


def test_a_failure_is_a_warning(stream: io.StringIO) -> None:
    TestClient(app(), raise_server_exceptions=False).post("/people/broken")
    assert json.loads(stream.getvalue())["level"] == "warning"


def test_no_canary_gets_into_the_log(stream: io.StringIO) -> None:
    """In the path, the query, the body, the request's id and other headers."""
    client = TestClient(app(), raise_server_exceptions=False)
    for canary in CANARIES:
        headers = {REQUEST_ID: canary, "X-Forwarded-For": canary, "User-Agent": canary}
        client.post(f"/people/{canary}?who={canary}", json={"text": canary}, headers=headers)
        client.get(f"/{canary}")
    said = stream.getvalue()
    assert len(said.splitlines()) == 2 * len(CANARIES)
    assert [canary for canary in CANARIES if canary in said] == []


def test_a_record_is_one_line_and_holds_no_traceback(stream: io.StringIO) -> None:
    try:
        raise ValueError("secret")
    except ValueError:
        LOG.exception("first\nsecond \x1b[31m")
    line = stream.getvalue()
    assert line.count("\n") == 1
    assert "\x1b" not in line
    assert "secret" not in line
    assert json.loads(line)["error"] == "ValueError"


def test_a_silent_log_costs_nothing(stream: io.StringIO) -> None:
    LOG.setLevel(logging.ERROR)
    TestClient(app()).post("/people/ann")
    assert stream.getvalue() == ""

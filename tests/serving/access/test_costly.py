"""Requests that are made to cost much are answered at once, on the real application, and nobody else waits for them (S18)."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from penchant.serving.access.limits import Limits
from penchant.serving.access.protect import protect
from penchant.serving.api import create_app
from penchant.serving.workspace import Workspace
from penchant.stages.model import Model
from serving.access.walking import HERE, client

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def asking(small_model: Model, tmp_path: Path) -> Iterator[TestClient]:
    space = Workspace(small_model)
    yield client(protect(create_app({"default": space}), tmp_path, limits=Limits(refused_per_minute=10**6)), where=HERE)
    space.close()


def ask(**asked: Any) -> dict[str, Any]:
    return {"method": "POST", "url": "/v1/recommend", "json": {"user_id": "u1", **asked}}


def raw(body: bytes, url: str = "/v1/recommend") -> dict[str, Any]:
    return {"method": "POST", "url": url, "content": body, "headers": JSON}


def get(url: str, **more: Any) -> dict[str, Any]:
    return {"method": "GET", "url": url, **more}


COSTLY = {
    "a long list": ask(k=10**9),
    "a number without an end": raw(b'{"k": ' + b"9" * 10**5 + b"}"),
    "many candidates": ask(candidates=["i1"] * 100_000),
    "a long history": ask(history=[{"item_id": "i1"}] * 5_000),
    "many new items": ask(items=[{"item_id": f"n{n}", "title": "jazz"} for n in range(5_000)]),
    "many rules": ask(rules={"blocks": {f"a{n}": ["x"] for n in range(20_000)}}),
    "many rerankers": ask(rerank=["mmr"] * 1000),
    "a long value": ask(value="like + " * 10_000 + "like"),
    "a long wish": ask(steer="more jazz, " * 10_000),
    "a power of powers": ask(value="9^9^9^9^9^9^9^9^9"),
    "deep json": raw(b"[" * 10**6),
    "deep objects": raw(b'{"a":' * 10**5),
    "many keys": raw(b"{" + b",".join(b'"a%d":1' % n for n in range(50_000)) + b"}"),
    "the same key": raw(b"{" + b'"k":1,' * 100_000 + b'"k":0}'),
    "one long string": raw(b'{"user_id": "' + b"a" * 10**6 + b'"}'),
    "escapes": raw(b'{"user_id": "' + rb"\u0041" * 150_000 + b'"}'),
    "no json": raw(b"\xff" * 10**6),
    "spaces": raw(b" " * 10**6),
    "a huge number": raw(b'{"strength": 1e' + b"9" * 10**5 + b"}"),
    "a large body": raw(b'"' + b"a" * (2 << 20) + b'"'),
    "many events": raw(b'{"events": [' + b'{"user_id":"a"},' * 60_000 + b'{"user_id":"a"}]}', "/v1/events"),
    "a long path": get("/v1/users/" + "a" * 60_000),
    "a long query": get("/v1/users?query=" + "a" * 60_000),
    "many parameters": get("/v1/users?" + "limit=1&" * 7_000 + "limit=0"),
    "a great limit": get("/v1/users?limit=999999999999999999999"),
    "a long text": get("/v1/similar?text=" + "a" * 50_000),
    "dots": get("/static/" + "%2e%2e%2f" * 5_000),
    "many headers": get("/v1/users", headers={f"x-{n}": "a" for n in range(1000)}),
    "a long header": get("/v1/users", headers={"authorization": "Bearer " + "a" * 10**6}),
    "a long host": get("/v1/users", headers={"host": "a." * 30_000}),
}


@pytest.mark.parametrize("what", COSTLY)
def test_what_is_made_to_cost_much_is_refused_at_once(asking: TestClient, what: str) -> None:
    """CPU seconds of this process, client included, the least of some: those of the clock depend on who else is busy."""
    asking.get("/healthz")
    taken: list[float] = []
    while len(taken) < 5 and min(taken, default=1.0) >= 0.5:
        began = time.process_time()
        answer = asking.request(**COSTLY[what])
        taken.append(time.process_time() - began)
        assert 400 <= answer.status_code < 500, answer.text[:300]
        assert len(answer.content) < 5_000
    assert min(taken) < 0.5


def test_ranges_of_a_file_cost_nothing(asking: TestClient) -> None:
    """Starlette once took quadratic time for them (CVE-2025-62727)."""
    began = time.process_time()
    answer = asking.get("/", headers={"Range": "bytes=" + ",".join(f"{n}-{n}" for n in range(10_000))})
    assert answer.status_code < 500
    assert time.process_time() - began < 0.5

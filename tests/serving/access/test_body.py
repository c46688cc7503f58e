"""Bodies: counted however they come, in time, and not too deep."""

import asyncio
import json
import time
from typing import Annotated, Any

import pytest
from fastapi import Body, FastAPI
from hypothesis import given
from hypothesis import strategies as st

from penchant.serving.access.body import WholeBody, depth
from penchant.serving.access.limits import Limits
from serving.access.walking import HERE, client


def echo(**limits: Any) -> WholeBody:
    app = FastAPI()

    @app.post("/")
    def size(body: Annotated[Any, Body()]) -> int:
        return len(json.dumps(body))

    return WholeBody(app, Limits(**limits))


def chunks(total: int, each: int = 1000) -> Any:
    """A body without a declared length."""
    yield b'"'
    for _ in range((total - 2) // each):
        yield b"a" * each
    yield b"a" * ((total - 2) % each) + b'"'


JSON = {"Content-Type": "application/json"}


def test_a_body_is_counted_with_and_without_a_declared_length() -> None:
    asking = client(echo(body_bytes=5000), where=HERE)
    for size, code in ((5000, 200), (5001, 413)):
        whole = b"".join(chunks(size))
        assert asking.post("/", content=whole, headers=JSON).status_code == code
        assert asking.post("/", content=chunks(size), headers=JSON).status_code == code
    for lie in ("-1", "1e3", "", "9" * 5000, "²"):
        refused = asking.post("/", content=b"1", headers={**JSON, "Content-Length": lie.encode("latin-1")})
        assert refused.status_code == 413
    assert refused.headers["Connection"] == "close"


def test_no_more_is_read_than_is_allowed() -> None:
    read = []

    async def receive() -> dict[str, Any]:
        read.append(1)
        return {"type": "http.request", "body": b"a" * 1000, "more_body": True}

    async def send(_: Any) -> None:
        return None

    asyncio.run(echo(body_bytes=5000)({"type": "http", "headers": [], "method": "POST"}, receive, send))
    assert len(read) == 6


def test_a_body_that_does_not_come_is_waited_for_so_long() -> None:
    sent = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b" ", "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    started = time.monotonic()
    asyncio.run(echo(body_seconds=0.2)({"type": "http", "headers": [], "method": "POST"}, receive, send))
    assert time.monotonic() - started < 5
    assert sent[0]["status"] == 408


def test_deep_json_is_refused_before_it_is_read() -> None:
    asking = client(echo(json_depth=20), where=HERE)
    for levels, code in ((20, 200), (21, 400), (100_000, 400)):
        assert asking.post("/", content=b"[" * levels + b"]" * levels, headers=JSON).status_code == code
    assert asking.post("/", content='"' + "[" * 1000 + '"', headers=JSON).status_code == 200
    assert asking.post("/", content="[]".encode("utf-16"), headers=JSON).status_code == 400


@given(
    st.recursive(
        st.none() | st.integers() | st.text('[]{}"\\a中'),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('[]{}"\\'), inner, max_size=3),
        max_leaves=12,
    )
)
def test_depth_is_that_of_the_value(value: Any) -> None:
    def levels(value: Any) -> int:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
        return 0 if inner is None else 1 + max(map(levels, inner), default=0)

    assert depth(json.dumps(value, ensure_ascii=False).encode()) == levels(value)


@pytest.mark.parametrize("piece", [b'"', b'\\"', b'"\\', b'"a', b"[", b'["', b'"\\"', b"\\\\", b'""'])
def test_depth_is_quick_whatever_is_sent(piece: bytes) -> None:
    body = (piece * (1 << 20))[: 1 << 20]
    started = time.process_time()
    depth(body)
    depth(b'"' + body)
    assert time.process_time() - started < 1

"""What the layers of access cost a request: CPU microseconds in process, of a bare application and of one behind them all.

OMP_NUM_THREADS=1 nice .venv/bin/python benchmarks/access.py
"""

import asyncio
import tempfile
import time
from typing import Any

import numpy as np
from fastapi import FastAPI

from penchant.serving.access.keys import Keys, Scope
from penchant.serving.access.limits import Limits
from penchant.serving.access.protect import protect

NUM, ROUNDS = 2000, 7
BODY = b'{"events": [{"user_id": "u1", "item_id": "i1", "kind": "like"}]}'


def application() -> FastAPI:
    app = FastAPI()

    @app.get("/healthz")
    async def health() -> str:
        return "ok"

    @app.post("/v1/events")
    async def events(batch: dict[str, Any]) -> int:
        return len(batch)

    return app


async def ask(app: Any, method: str, path: str, key: str) -> int:
    """One request by hand, without a client's own cost: its status."""
    body = BODY if method == "POST" else b""
    headers = [
        (b"host", b"localhost"),
        (b"authorization", f"Bearer {key}".encode()),
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 5),
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
        "state": {},
    }
    status = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    await app(scope, receive, send)
    return status


async def seconds(app: Any, method: str, path: str, key: str) -> float:
    started = time.process_time()
    for _ in range(NUM):
        assert await ask(app, method, path, key) == 200
    return (time.process_time() - started) / NUM


async def main() -> None:
    with tempfile.TemporaryDirectory() as run:
        keys = [Keys(run).create(Scope.WRITE)[0] for _ in range(100)]
        apps = {
            "bare": application(),
            "behind everything": protect(application(), run, limits=Limits(requests_per_minute=10**9)),
        }
        for method, path in (("GET", "/healthz"), ("POST", "/v1/events")):
            found = {
                name: [await seconds(app, method, path, keys[-1]) for _ in range(ROUNDS)] for name, app in apps.items()
            }
            for name, taken in found.items():
                low, middle, high = np.percentile(np.array(taken) * 1e6, [0, 50, 100])
                print(f"{method} {path:<12} {name:<18} {middle:6.0f} us  ({low:.0f} to {high:.0f})")


if __name__ == "__main__":
    asyncio.run(main())

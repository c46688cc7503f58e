"""Every route of an application, however deep: through middlewares, mounts and included routers. And what each says to whom."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from starlette.routing import Mount

from penchant.serving.access.policy import OPEN, SCOPES, need

HOME = "http://localhost:8000"
HERE, THERE = ("127.0.0.1", 5), ("192.0.2.7", 5)


def routes(app: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Methods and templates."""
    while not hasattr(app, "routes"):
        app = app.app
    for route in iter_route_contexts(app.routes):
        path = prefix + (route.path or "")
        if isinstance(route.original_route, Mount):
            yield from routes(route.original_route.app, path)
        else:
            yield from ((method, path) for method in sorted(route.methods or ()))


def client(app: Any, key: str | None = None, where: tuple[str, int] = THERE) -> TestClient:
    """Somebody with a key or without, by default on another machine."""
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    return TestClient(app, base_url=HOME, headers=headers, client=where, raise_server_exceptions=False)


def status(asking: TestClient, method: str, template: str) -> int:
    return asking.request(method, re.sub(r"\{[^}]+\}", "x", template)).status_code


def unlisted(app: Any) -> list[str]:
    """Routes of which the policy says nothing."""
    return [
        f"{method} {path}"
        for method, path in routes(app)
        if method != "HEAD" and (method, path) not in SCOPES and not (method == "GET" and path in OPEN)
    ]


def holes(app: Any, useless: Iterable[str | None], by_scope: dict[str, str]) -> list[str]:
    """Routes that let somebody in without a key that holds, or with one of too small a scope."""
    found = []
    for method, path in routes(app):
        scope = need(method, path).scope
        if scope is None:
            continue
        found += [f"{method} {path}" for key in useless if status(client(app, key), method, path) != 401]
        small = [key for name, key in by_scope.items() if _less(name, scope.name)]
        found += [f"{method} {path}" for key in small if status(client(app, key), method, path) != 403]
    return sorted(set(found))


def _less(one: str, other: str) -> bool:
    order = ["READ", "WRITE", "ADMIN"]
    return order.index(one) < order.index(other)

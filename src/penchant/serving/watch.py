"""What is known of a request once it is answered, told to whoever watches: by template, never by path, and without any id.

A layer around the application. Nothing of bodies, query strings, headers or addresses gets into what is told.
"""

import re
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = "X-Request-Id"
SANE = re.compile(r"[A-Za-z0-9_-]{20,64}")
"""A token such as a UUID or an ULID; shorter ones could be a telephone number or a card's."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNKNOWN = "unmatched"
"""The route of requests for what there is not, and of those that were turned away before."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """`route`: the template; `status`: 500 if nothing was answered; `tenant`: "" if nobody was let in;
    `version`: of the tenant's model, 0 where none answers."""

    request_id: str
    method: str
    route: str
    status: int
    seconds: float
    tenant: str
    version: int


Watcher = Callable[[Answered], None]


class Watch:
    """Gives each request an id, or keeps its own, and tells the watchers what became of it.

    version: of the model of a tenant.
    """

    def __init__(self, app: ASGIApp, watchers: Sequence[Watcher], version: Callable[[str], int]) -> None:
        self.app = app
        self.watchers = watchers
        self.version = version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status, given = time.perf_counter(), 500, request_id(scope)
        scope.setdefault("state", {})["request_id"] = given

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = given
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            self._tell(scope, given, status, time.perf_counter() - began)

    def _tell(self, scope: Scope, given: str, status: int, seconds: float) -> None:
        tenant = scope.get("tenant", "")
        answered = Answered(
            request_id=given,
            method=method_of(scope),
            route=route_of(scope),
            status=status,
            seconds=seconds,
            tenant=tenant,
            version=self.version(tenant),
        )
        for watcher in self.watchers:
            watcher(answered)


def method_of(scope: Scope) -> str:
    """The method, if it is one that HTTP has; anybody can make up others."""
    return scope["method"] if scope["method"] in METHODS else "OTHER"


def route_of(scope: Scope) -> str:
    """The template of the route that was found."""
    return getattr(scope.get("route"), "path_format", UNKNOWN)


def request_id(scope: Scope) -> str:
    """The one that the request brought, if it is a sane token; else a new one."""
    brought = Headers(scope=scope).get(REQUEST_ID, "")
    return brought if SANE.fullmatch(brought) else uuid.uuid4().hex

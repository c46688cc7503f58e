"""What every request passes before any route: is it for us, is it small, does it arrive in time. Knows no route."""

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from penchant.serving import limits
from penchant.serving.answers import refuse
from penchant.serving.headers import HEADERS

OWN_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""A foreign name in the Host header is a page elsewhere whose name was pointed at this machine (DNS rebinding)."""


class Gate:
    """ASGI middleware; refuses with 400, 408 or 413 in the form of all our errors."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self._admit(scope, receive, send_guarded)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if _host_name(headers.get("host", "")) not in OWN_HOSTS:
            refusal = refuse(400, "This server answers only to localhost. Use http://127.0.0.1 and its port.")
            await refusal(scope, receive, send)
            return
        body: bytes | None = None
        with anyio.move_on_after(limits.MAX_BODY_SECONDS) as deadline:
            body = await _read_body(headers, receive)
        if deadline.cancelled_caught:
            refusal = refuse(408, f"The whole body must arrive within {limits.MAX_BODY_SECONDS:g} seconds. Send again.")
            await refusal(scope, receive, send)
        elif body is None:
            refusal = refuse(413, f"A request body holds at most {limits.MAX_BODY_BYTES} bytes. Send less at once.")
            await refusal(scope, receive, send)
        else:
            await self.app(scope, _replay(body, receive), send)


def _host_name(host: str) -> str:
    """The Host header without its port."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdecimal() else host).lower()


async def _read_body(headers: Headers, receive: Receive) -> bytes | None:
    """The whole body; None when it is, or claims to be, too large."""
    claimed = headers.get("content-length", "0")
    if claimed.isdecimal() and int(claimed) > limits.MAX_BODY_BYTES:
        return None
    body = bytearray()
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > limits.MAX_BODY_BYTES:
            return None
        more = message.get("more_body", False)
    return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body that was read, then whatever comes."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return pending.pop() if pending else await receive()

    return replayed

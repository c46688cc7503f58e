"""Bodies: read whole before a route runs, counted as they come, within a time; and not nested without an end."""

import asyncio
import re

import numpy as np
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from penchant.serving.access.limits import Limits
from penchant.serving.access.refusals import refusal

STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+\\?(?:"|\Z)', re.DOTALL)
"""To its end, or to the end of everything, so that the search never starts over: linear whatever is sent."""
TO_CLOSE = {"Connection": "close"}  # the rest of the body isn't read, so that no other request can follow on the line


class WholeBody:
    """Routes get a body in one piece, of at most `body_bytes`; chunks without a declared length are counted too."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.app = app
        self.limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        body = await self._taken(scope, receive)
        if isinstance(body, JSONResponse):
            return await body(scope, receive, send)
        return await self.app(scope, _given(body, receive), send)

    async def _taken(self, scope: Scope, receive: Receive) -> bytes | JSONResponse:
        """The body, or why it isn't taken."""
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        body = None
        if declared.isdigit() and int(declared[:20]) <= self.limits.body_bytes:
            try:
                async with asyncio.timeout(self.limits.body_seconds):
                    body = await self._read(receive)
            except TimeoutError:
                return refusal(408, "TooSlow", f"A body comes within {self.limits.body_seconds:g} s.", TO_CLOSE)
        if body is None:
            text = f"A body has up to {self.limits.body_bytes} bytes. Send less at a time."
            return refusal(413, "TooLarge", text, TO_CLOSE)
        if b"\0" in body or depth(body) > self.limits.json_depth:
            return refusal(400, "TooDeep", f"A body is JSON in UTF-8, with up to {self.limits.json_depth} levels.")
        return body

    async def _read(self, receive: Receive) -> bytes | None:
        """The body; None as soon as it is too long, or when the client is gone (nobody hears the refusal then)."""
        parts, size, more = [], 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self.limits.body_bytes:
                return None
            more = message.get("more_body", False)
        return b"".join(parts)


def depth(body: bytes) -> int:
    """How many lists and objects stand within each other, at most; brackets in strings are text.

    >>> depth(b'{"a": [1, [2]], "b": "[[[["}'), depth(b"3"), depth(b"]]" + b"[" * 5)
    (3, 0, 3)
    """
    bare = np.frombuffer(STRING.sub(b"", body), np.uint8)
    opened = (bare == ord("[")) | (bare == ord("{"))
    closed = (bare == ord("]")) | (bare == ord("}"))
    levels = np.cumsum(opened.astype(np.int32) - closed)
    return int(levels.max(initial=0))


def _given(body: bytes, receive: Receive) -> Receive:
    """What was read, once; then whatever comes of the connection."""
    left = [body]

    async def again() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return await receive()

    return again

"""Large heads, too many requests at once, answers that take too long: told at once, before anything is looked at."""

import asyncio

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from penchant.serving.access.limits import Limits
from penchant.serving.access.refusals import later, refusal


class Overload:
    """Lets `at_once` requests through. One that takes too long is told so, and counts until it has really ended."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.app = app
        self.limits = limits
        self.running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        if _head_bytes(scope) > self.limits.head_bytes or len(scope["headers"]) > self.limits.num_headers:
            text = f"A head has up to {self.limits.head_bytes} bytes and {self.limits.num_headers} headers."
            return await refusal(431, "TooLarge", text, {"Connection": "close"})(scope, receive, send)
        if self.running >= self.limits.at_once:
            text = "The server has as many requests as it can take. Try again a little later."
            return await later(503, "Overloaded", text, 1)(scope, receive, send)
        self.running += 1
        try:
            await self._in_time(scope, receive, send)
        finally:
            self.running -= 1

    async def _in_time(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Threads cannot be stopped: the answer 504 goes out on time, and what comes after it is dropped."""
        answering, begun, told = anyio.CancelScope(), False, list[asyncio.Task[None]]()

        async def timely(message: Message) -> None:
            nonlocal begun
            if not told:
                begun = True
                await send(message)

        def expire() -> None:
            if not begun:
                text = f"No answer within {self.limits.answer_seconds:g} s. Ask for less, or try again later."
                told.append(asyncio.ensure_future(later(504, "TooSlow", text, 1)(scope, receive, send)))
                answering.cancel()

        timer = asyncio.get_running_loop().call_later(self.limits.answer_seconds, expire)
        try:
            with answering:  # of anyio, which waits for threads; a task of asyncio would leave them behind uncounted
                await self.app(scope, receive, timely)
        finally:
            timer.cancel()
        for each in told:
            await each


def _head_bytes(scope: Scope) -> int:
    """Of path, query, and all names and values."""
    target = len(scope.get("raw_path") or scope["path"].encode()) + len(scope["query_string"])
    return target + sum(len(name) + len(value) for name, value in scope["headers"])

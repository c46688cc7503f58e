"""What nobody foresaw becomes one generic 500. The log says where, under a number that the answer names too.

Neither holds the message of the exception: it may quote what was sent, or a path.
"""

import logging
import secrets
import traceback

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from penchant.serving.access.refusals import refusal

LOG = logging.getLogger("penchant.serving")


class Failures:
    """The layer below the headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        begun, held = False, list[Message]()

        async def noted(message: Message) -> None:
            """A 500 waits for its end: when an exception follows, it was the framework's word, and ours takes its place."""
            nonlocal begun
            if held or message.get("status") == 500:
                held.append(message)
                return
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except Exception as error:
            number = scope.get("state", {}).get("request_id") or secrets.token_hex(4)
            LOG.error("failure %s: %s at %s", number, type(error).__name__, where(error))
            if not begun:
                text = f"Something failed here. The server's log has more under {number}."
                await refusal(500, "InternalError", text)(scope, receive, send)
        else:
            for message in held:
                await send(message)


def where(error: BaseException) -> str:
    """Files and lines, the innermost last, without any values.

    >>> try:
    ...     int("secret")
    ... except ValueError as found:
    ...     "secret" in where(found)
    False
    """
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return " > ".join(f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno}" for frame in frames)

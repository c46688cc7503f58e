"""Clients that never finish their head: uvicorn waits for them without an end, this protocol closes after a while.

A body that doesn't come is the matter of `body`, an answer that nobody waits for that of `overload`.
"""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from penchant.serving.access.headers import HEADERS
from penchant.serving.access.limits import Limits


def patient(limits: Limits) -> type[H11Protocol]:
    """The class to give to `uvicorn.Config(http=...)`: patient for `head_seconds`, and no longer."""

    class Patient(H11Protocol):
        _closing: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._watch()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self._watch()

        def connection_lost(self, exc: Exception | None) -> None:
            self._unwatch()
            super().connection_lost(exc)

        def send_400_response(self, msg: str) -> None:
            """What is no HTTP at all, with the same headers as every answer."""
            head = [(b"connection", b"close"), (b"content-type", b"text/plain; charset=utf-8")]
            head += [(name.encode(), value.encode()) for name, value in HEADERS.items()]
            events: list[Any] = [h11.Response(status_code=400, headers=head, reason=b"Bad Request")]
            for event in [*events, h11.Data(data=msg.encode("ascii")), h11.EndOfMessage()]:
                self.transport.write(self.conn.send(event) or b"")
            self.transport.close()

        def _watch(self) -> None:
            """The clock runs from the first byte (or the connection) on; further bytes don't set it back."""
            answering = self.cycle is not None and not self.cycle.response_complete
            if answering or self.conn.their_state is h11.DONE:
                self._unwatch()
            elif self._closing is None:
                self._closing = self.loop.call_later(limits.head_seconds, self._close)

        def _unwatch(self) -> None:
            if self._closing is not None:
                self._closing.cancel()
                self._closing = None

        def _close(self) -> None:
            self._closing = None
            self.transport.abort()

    return Patient

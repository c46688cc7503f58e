"""Strict headers on every answer, those to errors included. A route may set its own Cache-Control, nothing else."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

RAW = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
OURS = frozenset(name for name, _ in RAW)
NOT_KEPT = (b"cache-control", b"no-store")


class StrictHeaders:
    """The outermost layer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def strict(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = [pair for pair in message.get("headers", ()) if pair[0].lower() not in OURS]
                kept = any(name.lower() == NOT_KEPT[0] for name, _ in said)
                message["headers"] = [*said, *RAW] if kept else [*said, *RAW, NOT_KEPT]
            await send(message)

        await self.app(scope, receive, strict)

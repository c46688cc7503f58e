"""Refusals in the one form that errors of the API have. Says nothing of paths, of what was sent, or of other people's keys."""

from collections.abc import Mapping

from starlette.responses import JSONResponse


def refusal(status: int, kind: str, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """An answer that ends a request: the rule and the remedy, never the value that was found."""
    return JSONResponse({"error": {"type": kind, "message": message}}, status, headers)


def later(status: int, kind: str, message: str, seconds: float) -> JSONResponse:
    """The same, with the whole seconds, at least one, after which to try again."""
    return refusal(status, kind, message, {"Retry-After": str(max(1, -int(-seconds // 1)))})

"""Failures in one form, each with the status that fits. Values of bodies of a wrong form are not quoted back.

{"error": {"type": "DataError", "message": "There is no domain 'books'. ..."}}
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from penchant.records import errors
from penchant.serving.watch import route_of

LOG = logging.getLogger("penchant.serving")
STATUSES: dict[type[errors.PenchantError], int] = {
    errors.ConfigError: 422,
    errors.DataError: 422,
    errors.ConflictError: 409,
    errors.QueueFullError: 429,
    errors.StoreFullError: 507,
    errors.StoreUnavailableError: 503,
    errors.LockedError: 503,
}
"""The most special first: a body of the right form that asks for what there is not is unprocessable too. Others are no mistakes
of who asks: something of the server's own is damaged or missing, and its log alone says what."""
SPOKEN_OF = 5
"""Wrong places of a body that a message names."""


def answer_mistakes(app: FastAPI) -> None:
    """Whatever a route raises on purpose is answered in the one form."""

    @app.exception_handler(RequestValidationError)
    async def wrong_form(_: Request, error: RequestValidationError) -> JSONResponse:
        """Without what was sent: NaN and halves of letters cannot be sent back."""
        told = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        more = f" And {len(told) - SPOKEN_OF} more." if len(told) > SPOKEN_OF else ""
        return failure(422, "WrongForm", "; ".join(_sendable(line) for line in told[:SPOKEN_OF]) + "." + more)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> JSONResponse:
        kind = HTTPStatus(error.status_code).phrase.title().replace(" ", "")
        headers = _allow(request) or error.headers if error.status_code == 405 else error.headers
        return failure(error.status_code, kind, error.detail, headers)

    @app.exception_handler(errors.PenchantError)
    async def mistake(_: Request, error: errors.PenchantError) -> JSONResponse:
        status = next((code for kind, code in STATUSES.items() if isinstance(error, kind)), None)
        if status is None:
            LOG.error("%s: %s", type(error).__name__, _sendable(str(error)))
            return failure(
                500, "InternalError", "Something of the server's own is damaged or missing; its log says what."
            )
        wait = getattr(error, "retry_after", None)
        later = None if wait is None else {"Retry-After": str(wait)}
        return failure(status, type(error).__name__, _sendable(str(error)), later)


def failure(status: int, kind: str, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """An answer that is none."""
    return JSONResponse({"error": {"type": kind, "message": message}}, status, headers)


def _allow(request: Request) -> dict[str, str]:
    """All methods of a path: routes of one path each know their own alone. Empty for what isn't described."""
    verbs = request.app.openapi()["paths"].get(route_of(request.scope), {})
    return {"Allow": ", ".join(verb.upper() for verb in verbs)} if verbs else {}


def _sendable(text: str) -> str:
    """Halves of letters are no UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")

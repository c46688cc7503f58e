"""Every refusal in one form, `{"error": {"type", "message"}}`, and nothing of our inside in any of them."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from penchant.records.errors import ConfigError, DataError
from penchant.serving.headers import HEADERS
from penchant.serving.wire import ErrorAnswer, Problem

DOCUMENTED: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorAnswer, "description": meaning}
    for status, meaning in {
        400: "Not JSON, or not sent to localhost",
        404: "Nobody and nothing of that name",
        408: "The body arrived too slowly",
        413: "The body is too large",
        422: "Understood, but not allowed: the message says what and why",
        500: "Our fault",
    }.items()
}


def refuse(status: int, message: str, kind: str | None = None) -> JSONResponse:
    """A refusal; `kind` defaults to the name of the status."""
    kind = kind or HTTPStatus(status).phrase.replace(" ", "")
    problem = ErrorAnswer(error=Problem(type=kind, message=_printable(message)))
    return JSONResponse(problem.model_dump(), status_code=status)


def install(app: FastAPI) -> None:
    """Sends every error of `app` through `refuse`."""

    @app.exception_handler(DataError)
    @app.exception_handler(ConfigError)
    def mistake(_: Request, error: Exception) -> JSONResponse:
        return refuse(422, str(error), type(error).__name__)

    @app.exception_handler(RequestValidationError)
    def malformed(_: Request, error: RequestValidationError) -> JSONResponse:
        problems = error.errors()
        if problems[0]["type"] == "json_invalid":
            return refuse(400, f"The body is not JSON: {problems[0]['ctx']['error']}.")
        return refuse(422, "; ".join(_sentence(problem) for problem in problems[:5]), "InvalidRequest")

    @app.exception_handler(HTTPException)
    def refused(_: Request, error: HTTPException) -> JSONResponse:
        answer = refuse(error.status_code, str(error.detail))
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(Exception)
    def broken(_: Request, __: Exception) -> JSONResponse:
        # Made outside the gate, so the headers are added here; the server logs the error itself.
        answer = refuse(500, "Something went wrong here. The server's log says what.")
        answer.headers.update(HEADERS)
        return answer


def _sentence(problem: dict[str, Any]) -> str:
    """Where and what, without repeating the value: it may be huge, secret or no JSON."""
    return f"{_place(problem['loc'])}: {problem['msg']}"


def _place(location: Sequence[int | str]) -> str:
    """
    >>> _place(("body", "batch", 3, "value"))
    'body.3.value'
    """
    return ".".join(str(part) for part in location if part not in ("one", "batch"))


def _printable(text: str) -> str:
    """Half a surrogate pair, which JSON can carry in, cannot be sent out as UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")

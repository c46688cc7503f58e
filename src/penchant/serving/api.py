"""The application, version 1: routes around workspaces, a guard before them, errors in one form."""

from collections.abc import Awaitable, Callable, Mapping

from fastapi import FastAPI, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from penchant.records.errors import ConfigError, DataError, PenchantError
from penchant.serving.routes import catalogue, events, health, interests, lists, page, panel, upserts
from penchant.serving.workspace import ALONE, Workspace
from penchant.stages.model import Model

MAX_BODY = 1 << 20
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def create_app(model: Model | Mapping[str, Workspace]) -> FastAPI:
    """The application around one model that answers in records, or around the workspaces of tenants by name."""
    app = FastAPI(title="Penchant", version="1", docs_url=None, redoc_url=None)
    app.state.workspaces = {ALONE: Workspace(model)} if isinstance(model, Model) else model
    _guard(app)
    for part in (lists, interests, events, catalogue, upserts, panel, health, page):
        app.include_router(part.router)
    return app


def _guard(app: FastAPI) -> None:
    """Size limit, headers on every answer, errors in one form."""

    @app.middleware("http")
    async def guard(request: Request, call: Callable[[Request], Awaitable[Response]]) -> Response:
        declared = request.headers.get("content-length", "0" if request.method in ("GET", "HEAD", "DELETE") else "")
        if not declared.isdigit() or int(declared) > MAX_BODY:
            response: Response = _error(413, "TooLarge", f"A body of known length up to {MAX_BODY} bytes is needed.")
        else:
            response = await call(request)
        response.headers.update(HEADERS)
        return response

    @app.exception_handler(RequestValidationError)
    async def wrong_form(_: Request, error: RequestValidationError) -> JSONResponse:
        """Without what was sent: NaN and halves of letters cannot be sent back."""
        told = [{name: each[name] for name in ("type", "loc", "msg")} for each in error.errors()]
        return JSONResponse({"detail": jsonable_encoder(told)}, 422)

    @app.exception_handler(PenchantError)
    async def mistake(_: Request, error: PenchantError) -> JSONResponse:
        """Bodies of the right form that ask for what there is not are unprocessable too."""
        status = 422 if isinstance(error, ConfigError | DataError) else 400
        return _error(status, type(error).__name__, str(error))


def _error(status: int, kind: str, message: str) -> JSONResponse:
    return JSONResponse({"error": {"type": kind, "message": message}}, status)

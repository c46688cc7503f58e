"""The application, version 1: routes around workspaces, a guard before them, errors in one form."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request, Response

from penchant.serving.metrics import Metrics
from penchant.serving.mistakes import answer_mistakes, failure
from penchant.serving.routes import (
    catalogue,
    events,
    health,
    interests,
    lists,
    metrics,
    models,
    page,
    panel,
    people,
    predictions,
    upserts,
)
from penchant.serving.schema import describe
from penchant.serving.workspace import ALONE, Workspace
from penchant.stages.model import Model

MAX_BODY = 1 << 20
OUR_OWN: Any = {"tracing": False, "metrics": False, "logs": False}
"""FastAPI's telemetry tells paths as they were asked for, with ids in them; ours is in `observed`."""
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
PARTS = (lists, predictions, interests, people, events, catalogue, upserts, models, panel, metrics, health, page)


def create_app(model: Model | Mapping[str, Workspace]) -> FastAPI:
    """The application around one model that answers in records, or around the workspaces of tenants by name."""
    app = FastAPI(title="Penchant", version="1", docs_url=None, redoc_url=None, telemetry=OUR_OWN)
    app.state.workspaces = {ALONE: Workspace(model)} if isinstance(model, Model) else model
    app.state.metrics = Metrics()
    answer_mistakes(app)
    describe(app)
    _guard(app)
    for part in PARTS:
        app.include_router(part.router)
    return app


def _guard(app: FastAPI) -> None:
    """Size limit, headers on every answer."""

    @app.middleware("http")
    async def guard(request: Request, call: Callable[[Request], Awaitable[Response]]) -> Response:
        declared = request.headers.get("content-length", "0" if request.method in ("GET", "HEAD", "DELETE") else "")
        if not declared.isdigit() or int(declared) > MAX_BODY:
            response: Response = failure(413, "TooLarge", f"A body of known length up to {MAX_BODY} bytes is needed.")
        else:
            response = await call(request)
        response.headers.update(HEADERS)
        return response

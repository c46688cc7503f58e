"""The application, version 1: routes around workspaces, errors in one form. Who may ask, and how much, is settled in `access`."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from penchant.serving.metrics import Metrics
from penchant.serving.mistakes import answer_mistakes
from penchant.serving.routes import (
    catalogue,
    events,
    experiments,
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

OUR_OWN: Any = {"tracing": False, "metrics": False, "logs": False}
"""FastAPI's telemetry tells paths as they were asked for, with ids in them; ours is in `observed`."""
PARTS = (
    lists,
    predictions,
    interests,
    people,
    events,
    catalogue,
    upserts,
    models,
    experiments,
    panel,
    metrics,
    health,
    page,
)


def create_app(model: Model | Mapping[str, Workspace]) -> FastAPI:
    """The application around one model that answers in records, or around the workspaces of tenants by name."""
    app = FastAPI(title="Penchant", version="1", docs_url=None, redoc_url=None, telemetry=OUR_OWN)
    app.state.workspaces = {ALONE: Workspace(model)} if isinstance(model, Model) else model
    app.state.metrics = Metrics()
    answer_mistakes(app)
    describe(app)
    for part in PARTS:
        app.include_router(part.router)
    return app

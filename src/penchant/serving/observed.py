"""The outermost layers: every request is counted, logged and, if the environment names an endpoint, traced."""

from fastapi import FastAPI
from starlette.types import ASGIApp

from penchant.serving.logs import log_request
from penchant.serving.tracing import Traced, provider
from penchant.serving.watch import Watch


def observed(layers: ASGIApp, app: FastAPI) -> ASGIApp:
    """`layers`, somewhere inside which is the application `app`.

    Raises: MissingExtraError if an endpoint is named and OpenTelemetry is not there.
    """

    def version(tenant: str) -> int:
        found = app.state.workspaces.get(tenant)
        return 0 if found is None else found.version

    tracers = provider()
    return Watch(
        layers if tracers is None else Traced(layers, tracers),
        watchers=[app.state.metrics.request, log_request],
        version=version,
    )

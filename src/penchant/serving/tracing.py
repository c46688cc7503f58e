"""A span for each request, for OpenTelemetry (extra [otel]): the route by template, the status, the model's version.

FastAPI's own spans hold the path as it was asked for, with ids in it, so they stay off. Where spans go to is said by the standard
variables of the environment, such as OTEL_EXPORTER_OTLP_ENDPOINT; without one there is nothing to do, and nothing is imported.
"""

import os
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from penchant.records.errors import MissingExtraError
from penchant.serving.watch import method_of, route_of

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def provider() -> Any | None:
    """What makes spans and sends them to the endpoint that the environment names; None if it names none.

    Raises: MissingExtraError without OpenTelemetry.
    """
    if not any(os.environ.get(name) for name in ENDPOINTS):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise MissingExtraError.of(error.name or "opentelemetry", "otel") from error
    found = TracerProvider(resource=Resource.create({"service.name": "penchant"}))
    found.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return found


class Traced:
    """A layer around the application. tracers: a TracerProvider of OpenTelemetry."""

    def __init__(self, app: ASGIApp, tracers: Any) -> None:
        self.app = app
        self.tracer = tracers.get_tracer("penchant.serving")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        from opentelemetry.propagate import extract
        from opentelemetry.trace import SpanKind, StatusCode

        status = 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        method, parent = method_of(scope), extract(Headers(scope=scope))
        with self.tracer.start_as_current_span(
            method, parent, SpanKind.SERVER, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                await self.app(scope, receive, noted)
            finally:
                route = route_of(scope)
                span.update_name(f"{method} {route}")
                span.set_attribute("http.request.method", method)
                span.set_attribute("http.route", route)
                span.set_attribute("http.response.status_code", status)
                span.set_attribute("penchant.request_id", scope.get("state", {}).get("request_id", ""))
                if status >= 500:
                    span.set_status(StatusCode.ERROR)

"""A span for each request: in memory, and to a real endpoint on this machine."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from penchant.serving.tracing import ENDPOINTS, Traced, provider
from penchant.serving.watch import UNKNOWN, Watch

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def client(tracers: object) -> TestClient:
    app = FastAPI(telemetry={"tracing": False, "metrics": False, "logs": False})

    @app.get("/people/{name}")
    async def person(name: str) -> str:
        if name == "broken":
            raise RuntimeError(name)
        return name

    app.add_middleware(Traced, tracers=tracers)
    app.add_middleware(Watch, watchers=[], version=lambda _: 1)
    return TestClient(app, raise_server_exceptions=False)


def test_a_span_names_the_template_and_nothing_that_was_sent() -> None:
    spans, tracers = InMemorySpanExporter(), TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    found = client(tracers)
    answer = found.get("/people/ann?secret=1", headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})
    found.get("/people/broken")
    found.get("/nothing")
    first, second, third = spans.get_finished_spans()
    assert first.name == "GET /people/{name}"
    assert dict(first.attributes or {}) == {
        "http.request.method": "GET",
        "http.route": "/people/{name}",
        "http.response.status_code": 200,
        "penchant.request_id": answer.headers["x-request-id"],
    }
    assert f"{first.context.trace_id:032x}" == TRACE
    assert (second.status.is_ok, first.status.is_ok) == (False, True)
    assert not second.events
    assert third.name == f"GET {UNKNOWN}"
    assert "ann" not in first.to_json()
    assert "secret" not in first.to_json()


def test_without_an_endpoint_there_is_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENDPOINTS:
        monkeypatch.delenv(name, raising=False)
    assert provider() is None


def test_spans_arrive_at_the_endpoint_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    bodies: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = HTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv(ENDPOINTS[0], f"http://127.0.0.1:{server.server_port}")
    tracers = provider()
    assert tracers is not None
    client(tracers).get("/people/ann")
    tracers.shutdown()
    server.shutdown()
    assert bodies[0][0] == "/v1/traces"
    assert b"GET /people/{name}" in bodies[0][1]
    assert b"ann" not in bodies[0][1]

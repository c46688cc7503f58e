"""Strict headers on every answer, and failures that tell nothing."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI, Response
from fastapi.responses import StreamingResponse

from penchant.serving.access.failures import Failures
from penchant.serving.access.headers import HEADERS, StrictHeaders
from serving.access.walking import HERE, client

CANARY = "canary-4711@mail.example"


def failing() -> StrictHeaders:
    app = FastAPI()

    @app.get("/failure")
    def fail() -> None:
        raise ValueError(f"could not read {CANARY}")

    @app.get("/own")
    def own(response: Response) -> str:
        response.headers["Cache-Control"] = "max-age=60"
        response.headers["X-Frame-Options"] = "ALLOWALL"
        response.headers["Content-Security-Policy"] = "default-src *"
        return "ok"

    @app.get("/half")
    def half() -> StreamingResponse:
        def parts() -> Iterator[str]:
            yield "begun"
            raise ValueError(CANARY)

        return StreamingResponse(parts())

    @app.get("/meant")
    def meant() -> Response:
        return Response("a 500 that was meant", 500)

    return StrictHeaders(Failures(app))


@pytest.mark.parametrize("path", ["/own", "/nothing", "/failure", "/meant"])
def test_every_answer_has_them_and_no_route_loosens_them(path: str) -> None:
    answer = client(failing(), where=HERE).get(path)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert answer.headers.get_list("X-Frame-Options") == ["DENY"]
    assert answer.headers["Cache-Control"] == ("max-age=60" if path == "/own" else "no-store")


def test_the_policy_allows_nothing_that_runs_by_itself() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    for loose in ("unsafe-inline", "unsafe-eval", "*", "http:", "blob:"):
        assert loose not in policy


def test_a_failure_tells_neither_the_client_nor_the_log_what_was_sent(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = client(failing(), where=HERE).get("/failure")
    assert answer.status_code == 500
    number = re.search(r"under ([0-9a-f]{8})\.", answer.json()["error"]["message"])
    assert number
    assert f"failure {number[1]}: ValueError at" in caplog.text
    assert f"{Path(__file__).name}:" in caplog.text
    for text in (answer.text, caplog.text):
        assert CANARY not in text
    assert "Traceback" not in answer.text
    assert "test_headers" not in answer.text


def test_an_answer_that_fails_half_way_is_not_repaired(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = client(failing(), where=HERE).get("/half")
    assert answer.text == "begun"
    assert CANARY not in caplog.text


def test_a_500_that_was_meant_goes_out_as_it_is() -> None:
    assert client(failing(), where=HERE).get("/meant").text == "a 500 that was meant"

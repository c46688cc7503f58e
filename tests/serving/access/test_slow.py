"""Clients that never finish, on real sockets: others go on, and the connection is closed in the end."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from penchant.serving.access.headers import HEADERS
from penchant.serving.access.limits import Limits
from penchant.serving.access.protect import protect
from penchant.serving.access.slow import patient

NUM_SLOW = 200


@contextmanager
def server(run: Path, plain: bool = False, **limits: float) -> Iterator[int]:
    """A small application behind everything, on a free port; `plain`: with uvicorn's own protocol."""
    app = FastAPI()

    @app.get("/healthz")
    async def health() -> str:
        return "ok"

    @app.post("/v1/events")
    async def events() -> str:
        return "ok"

    found = Limits(**limits)  # type: ignore[arg-type]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    protocol = H11Protocol if plain else patient(found)
    app_in_layers = protect(app, run, limits=found)
    config = uvicorn.Config(app_in_layers, port=port, http=protocol, log_level="critical", lifespan="off")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    yield port
    running.should_exit = True
    thread.join(10)


def seconds_to_close(port: int, *parts: bytes, each: float = 0.1, most: float = 20) -> tuple[float, bytes]:
    """How long the server takes to close a connection on which the last part comes again and again, and what it said."""
    started, said = time.monotonic(), b""
    with socket.create_connection(("127.0.0.1", port), timeout=each) as line:
        line.sendall(b"".join(parts[:-1]))
        while time.monotonic() - started < most:
            try:
                line.sendall(parts[-1])
                got = line.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                break
            if not got:
                break
            said += got
    return time.monotonic() - started, said


HALF = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: "
POST = b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"
WHOLE = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ((HALF, b"a"), b""),
        ((b"",), b""),
        ((WHOLE, b"G"), b"200"),
        ((POST, b" "), b"408"),
        ((POST.replace(b"localhost", b"elsewhere"), b" "), b"421"),
    ],
    ids=[
        "a head that never ends",
        "nothing at all",
        "half a second request",
        "a body that drips",
        "a refused body that drips",
    ],
)
def test_a_connection_that_drips_is_closed(tmp_path: Path, parts: tuple[bytes, ...], status: bytes) -> None:
    with server(tmp_path, head_seconds=0.5, body_seconds=0.5) as port:
        seconds, said = seconds_to_close(port, *parts)
    assert 0.2 < seconds < 10
    assert said[9:12] == status


def test_without_the_patience_it_stays_open(tmp_path: Path) -> None:
    """The mutant: uvicorn alone waits for a head without an end."""
    with server(tmp_path, plain=True, head_seconds=0.5) as port:
        assert seconds_to_close(port, HALF, b"a", most=3)[0] >= 3


def test_a_slow_but_honest_client_is_served(tmp_path: Path) -> None:
    with server(tmp_path, head_seconds=2) as port, socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        for _ in range(2):
            for byte in WHOLE:
                line.sendall(bytes([byte]))
                time.sleep(0.005)
            assert line.recv(65536).startswith(b"HTTP/1.1 200")
        time.sleep(2.2)
        line.sendall(WHOLE)
        assert line.recv(65536).startswith(b"HTTP/1.1 200")


def test_what_is_no_http_gets_the_strict_headers_too(tmp_path: Path) -> None:
    with server(tmp_path) as port, socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(b"nonsense\r\n\r\n")
        said = line.recv(65536).decode()
    assert said.startswith("HTTP/1.1 400")
    for name, value in HEADERS.items():
        assert f"{name.lower()}: {value}" in said.replace(name, name.lower())


def test_many_half_open_connections_do_not_stop_others(tmp_path: Path) -> None:
    """The p99 of a plain client, before and while 200 others send a byte now and then; all are closed in time."""
    with server(tmp_path, head_seconds=5) as port:
        before = latencies(port)
        lines = [socket.create_connection(("127.0.0.1", port)) for _ in range(NUM_SLOW)]
        for line in lines:
            line.sendall(HALF)
        while_open = latencies(port)
        for line in lines:
            line.settimeout(10)
            assert closed(line)
            line.close()
    assert np.percentile(while_open, 99) <= 2 * np.percentile(before, 99) + 0.05


def closed(line: socket.socket) -> bool:
    try:
        return line.recv(1) == b""
    except ConnectionResetError:
        return True


def latencies(port: int, num: int = 200) -> list[float]:
    """Seconds of each of some requests, one after the other."""
    taken = []
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    for _ in range(num):
        started = time.perf_counter()
        line.request("GET", "/healthz")
        assert line.getresponse().read() == b'"ok"'
        taken.append(time.perf_counter() - started)
    line.close()
    return taken

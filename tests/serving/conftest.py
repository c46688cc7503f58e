"""A small model that really learned, for whoever serves it; each test has its own copy of the state."""

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

import penchant as pn
from penchant.records.data import Data
from penchant.stages.model import Model
from penchant.stages.prepare import write_data


@pytest.fixture(scope="session")
def small_run(shop: Data, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder with `data/`, `model/` and `state/`. To be read only."""
    folder = tmp_path_factory.mktemp("small")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PENCHANT_CACHE", str(folder / "cache"))
        write_data(folder / "run", shop)
        pn.fit(shop, size="tiny", encoder="hashing", epochs=2, num_positions=256).save(folder / "run")
    return folder / "run"


@pytest.fixture
def small_model(small_run: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    """Its model, fresh for each test."""
    monkeypatch.setenv("PENCHANT_CACHE", str(small_run.parent / "cache"))
    return pn.load(small_run, frame="records")


class Served:
    """`penchant serve RUN` in a process of its own."""

    def __init__(self, run: Path, *options: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "penchant", "serve", str(run), "--port", str(self.port), *options]
        # a pipe that nobody reads fills up, and stops the server
        self.log = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  closed by `serve_run`
        self.process = subprocess.Popen(command, stderr=self.log, text=True)
        self.client = httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60)
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + 120
        while time.monotonic() < until and self.process.poll() is None:
            with suppress(httpx2.TransportError):
                if self.client.get("/healthz").status_code == 200:
                    return
            time.sleep(0.1)
        self.process.kill()
        raise AssertionError(self.said())

    def said(self) -> str:
        """What the server wrote to its log."""
        self.log.seek(0)
        return self.log.read()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """The exit code."""
        self.process.send_signal(how)
        return self.process.wait(30)


@pytest.fixture
def serve_run(small_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Served]]:
    """Starts servers on one copy of the small run; whatever still runs at the end is killed."""
    monkeypatch.setenv("PENCHANT_CACHE", str(small_run.parent / "cache"))
    run = tmp_path / "run"
    shutil.copytree(small_run, run)
    started: list[Served] = []

    def start(*options: str) -> Served:
        started.append(Served(run, *options))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.wait()
        each.log.close()
        each.client.close()

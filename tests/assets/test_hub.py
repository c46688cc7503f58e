import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from penchant.assets.hub import Hub
from penchant.records.errors import AssetError

REVISION = "a" * 40
FETCH = f"""
import sys
from pathlib import Path
from penchant.assets.hub import Hub
Hub(layout="plain", repo="some/words", revision="{REVISION}", names=("en.txt",)).fetch(Path(sys.argv[1]))
"""


class OneFile(BaseHTTPRequestHandler):
    """Just enough of the hub's protocol: one file of one repository at one revision."""

    def do_HEAD(self) -> None:
        found = self.path in {"/", f"/some/words/resolve/{REVISION}/en.txt"}
        self.send_response(200 if found else 404)
        self.send_header("ETag", '"1"')
        self.send_header("X-Repo-Commit", REVISION)
        self.send_header("Content-Length", "5")
        self.end_headers()

    def do_GET(self) -> None:
        self.do_HEAD()
        self.wfile.write(b"hello")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def endpoint() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), OneFile)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def fetch_in_a_new_process(
    endpoint: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> subprocess.CompletedProcess[str]:
    """In a process of its own, for the client reads HF_ENDPOINT when it is imported."""
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    return subprocess.run([sys.executable, "-c", FETCH, str(folder)], capture_output=True, text=True, timeout=60)


def test_fetches_the_files_from_the_hub(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = fetch_in_a_new_process(endpoint, tmp_path, monkeypatch)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "en.txt").read_text() == "hello"


def test_a_hub_that_does_not_answer_costs_no_retries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = time.perf_counter()
    done = fetch_in_a_new_process("http://127.0.0.1:9", tmp_path, monkeypatch)
    assert "AssetError: ConnectError" in done.stderr
    assert time.perf_counter() - start < 6


def test_offline_is_respected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(AssetError, match="HF_HUB_OFFLINE is set"):
        Hub(layout="plain", repo="some/words", revision=REVISION, names=("en.txt",)).fetch(tmp_path)

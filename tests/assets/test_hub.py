import json
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from penchant.assets.hub import Hub, snapshot
from penchant.records.errors import AssetError

REVISION = "a" * 40
FETCH = f"""
import sys
from pathlib import Path
from penchant.assets.hub import Hub
Hub(layout="plain", repo="some/words", revision="{REVISION}", names=("en.txt",)).fetch(Path(sys.argv[1]))
"""


SNAPSHOT = """
import sys
from penchant.assets.hub import snapshot
print(sorted(path.name for path in snapshot(sys.argv[1]).iterdir()))
"""
FILES = ["config.json", "en.txt", "model.safetensors", "modeling_words.py", "pytorch_model.bin"]
ABOUT = {"id": "some/words", "sha": REVISION, "siblings": [{"rfilename": name} for name in FILES]}
TREE = [{"type": "file", "path": name, "size": 5, "oid": "1"} for name in FILES]


class OneRepository(BaseHTTPRequestHandler):
    """Just enough of the hub's protocol: one repository at one revision, each of its files "hello"."""

    def do_HEAD(self) -> None:
        files = {f"/some/words/resolve/{REVISION}/{name}" for name in FILES}
        kind = self.path.removeprefix("/api/models/some/words/").split("/")[0]
        told = {"revision": ABOUT, "tree": TREE}.get(kind)
        self.body = json.dumps(told).encode() if told else b"hello"
        self.send_response(200 if told or self.path in {"/", *files} else 404)
        self.send_header("ETag", '"1"')
        self.send_header("X-Repo-Commit", REVISION)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()

    def do_GET(self) -> None:
        self.do_HEAD()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def endpoint() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), OneRepository)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def fetch_in_a_new_process(
    endpoint: str, folder: Path | str, monkeypatch: pytest.MonkeyPatch, code: str = FETCH
) -> subprocess.CompletedProcess[str]:
    """In a process of its own, for the client reads HF_ENDPOINT when it is imported."""
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    return subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, timeout=60)


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


def test_a_model_is_fetched_without_its_code_and_then_taken_from_the_cache(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    done = fetch_in_a_new_process(endpoint, "some/words", monkeypatch, SNAPSHOT)
    assert done.stdout.strip() == "['config.json', 'model.safetensors']", done.stderr
    again = fetch_in_a_new_process("http://127.0.0.1:9", "some/words", monkeypatch, SNAPSHOT)
    assert again.stdout == done.stdout


def test_a_model_that_there_is_not_is_told(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    done = fetch_in_a_new_process(endpoint, "other/words", monkeypatch, SNAPSHOT)
    assert "AssetError: other/words cannot be had from the hub" in done.stderr


def test_a_model_is_not_asked_for_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(AssetError, match="some/words is not in the hub's cache, and HF_HUB_OFFLINE is set"):
        snapshot("some/words")

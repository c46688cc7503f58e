import hashlib
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from penchant.assets.url import Url
from penchant.records.errors import AssetError


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The address of a server on this machine that hands out `pack.zip`, which holds p/a.txt."""
    root = tmp_path / "served"
    root.mkdir()
    with zipfile.ZipFile(root / "pack.zip", "w") as opened:
        opened.writestr("p/a.txt", "hello")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(root)))
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def origin(address: str, tmp_path: Path, *, name: str = "pack.zip", more_bytes: int = 0, sha256: str = "") -> Url:
    content = (tmp_path / "served" / "pack.zip").read_bytes()
    return Url(
        layout="plain",
        url=f"{address}/{name}",
        num_bytes=len(content) + more_bytes,
        sha256=sha256 or hashlib.sha256(content).hexdigest(),
        members={"p/a.txt": "a.txt"},
    )


def test_fetches_the_members(served: str, tmp_path: Path) -> None:
    origin(served, tmp_path).fetch(tmp_path)
    assert (tmp_path / "a.txt").read_text() == "hello"


def test_reads_a_file_url_as_well(served: str, tmp_path: Path) -> None:
    origin((tmp_path / "served").as_uri(), tmp_path).fetch(tmp_path)
    assert (tmp_path / "a.txt").read_text() == "hello"


def test_an_archive_with_the_wrong_hash_is_refused_before_it_is_opened(served: str, tmp_path: Path) -> None:
    with pytest.raises(AssetError, match=r"expected SHA-256 0{64}, found [0-9a-f]{64}"):
        origin(served, tmp_path, sha256="0" * 64).fetch(tmp_path)
    assert not (tmp_path / "a.txt").exists()


def test_reading_stops_at_the_expected_length(served: str, tmp_path: Path) -> None:
    with pytest.raises(AssetError, match="longer than the expected"):
        origin(served, tmp_path, more_bytes=-1).fetch(tmp_path)


def test_an_answer_that_ends_early_says_so(served: str, tmp_path: Path) -> None:
    with pytest.raises(AssetError, match=r"ended after \d+ of \d+ bytes"):
        origin(served, tmp_path, more_bytes=1).fetch(tmp_path)


def test_the_status_of_the_server_is_the_reason(served: str, tmp_path: Path) -> None:
    with pytest.raises(AssetError, match="404"):
        origin(served, tmp_path, name="gone.zip").fetch(tmp_path)


def test_nobody_listening_is_the_reason(served: str, tmp_path: Path) -> None:
    with pytest.raises(AssetError, match="refused"):
        origin("http://127.0.0.1:9", tmp_path).fetch(tmp_path)

import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import numpy as np
import pytest

from contracts.encoder_contract import EncoderContract
from penchant.records.errors import AssetError, ConfigError
from penchant.text.encoders.endpoint import EndpointEncoder

KEY = "sk-do-not-show-me"


class Embeddings(BaseHTTPRequestHandler):
    """A real server of the protocol, whose model hashes words; it fails as often as it is told to."""

    server: "Server"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, self.headers.get("Authorization"), asked))
        if self.server.failures:
            status, headers, body = self.server.failures.pop(0)
            return self._answer(status, headers, body)
        width = asked.get("dimensions", 6)
        rows = [{"index": i, "embedding": vector(text, width)} for i, text in enumerate(asked["input"])]
        return self._answer(200, {}, json.dumps({"data": rows[::-1]}).encode())  # the order is not promised

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        time.sleep(self.server.seconds)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(BrokenPipeError):  # the client may have given up
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def vector(text: str, width: int) -> list[float]:
    total = np.zeros(width)
    for word in text.split() or [""]:
        total += np.frombuffer(hashlib.sha256(word.encode()).digest(), np.uint8)[:width] / 128 - 1
    return total.tolist()


class Server(ThreadingHTTPServer):
    asked: list[tuple[str, str | None, dict[str, Any]]]
    failures: list[tuple[int, dict[str, str], bytes]]
    seconds: float = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    @property
    def batches(self) -> list[list[str]]:
        return [asked["input"] for _, _, asked in self.asked]


@pytest.fixture
def server() -> Iterator[Server]:
    started = Server(("127.0.0.1", 0), Embeddings)
    started.asked, started.failures = [], []
    Thread(target=started.serve_forever, args=(0.01,), daemon=True).start()
    yield started
    started.shutdown()
    started.server_close()


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


class TestEndpoint(EncoderContract):
    @pytest.fixture
    def encoder(self, server: Server) -> EndpointEncoder:
        return EndpointEncoder(server.url, "words")


def test_asks_as_the_protocol_says(server: Server) -> None:
    (vectors,) = EndpointEncoder(server.url + "/", "words", dimension=4).encode(["hot soup"])
    assert server.asked == [
        ("/v1/embeddings", None, {"model": "words", "input": ["hot soup"], "encoding_format": "float", "dimensions": 4})
    ]
    expected = np.array(vector("hot soup", 4))
    np.testing.assert_allclose(vectors, expected / np.linalg.norm(expected), atol=1e-6)


def test_the_dimension_is_asked_for_once(server: Server) -> None:
    encoder = EndpointEncoder(server.url, "words")
    assert (encoder.dimension, encoder.dimension) == (6, 6)
    assert server.batches == [["dimension"]]


def test_texts_go_in_batches(server: Server) -> None:
    EndpointEncoder(server.url, "words", dimension=6, batch=2).encode(["a", "b", "c", "d", "e"])
    assert server.batches == [["a", "b"], ["c", "d"], ["e"]]


def test_prompt_and_max_chars(server: Server) -> None:
    EndpointEncoder(server.url, "words", dimension=6, prompt="query: ", max_chars=10).encode(["soup", ""])
    assert server.batches == [["query: sou", "query: "]]


def test_an_empty_text_is_a_space(server: Server) -> None:
    EndpointEncoder(server.url, "words", dimension=6).encode([""])
    assert server.batches == [[" "]]


def test_what_vectors_depend_on_is_in_the_name(server: Server) -> None:
    names = [
        EndpointEncoder(server.url, model, **options).model_id  # type: ignore[arg-type]
        for model, options in [
            ("a", {}),
            ("b", {}),
            ("a", {"dimension": 4}),
            ("a", {"prompt": "x"}),
            ("a", {"max_chars": 9}),
        ]
    ]
    assert len(set(names)) == 5
    assert EndpointEncoder(server.url, "a", batch=1, timeout=1, attempts=1).model_id == names[0]


def test_the_key_comes_from_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    EndpointEncoder(server.url, "words", dimension=6, key_variable="MY_KEY").encode(["a"])
    assert server.asked[0][1] == f"Bearer {KEY}"


def test_the_key_is_never_shown(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    server.failures = [(401, {}, f"wrong key {KEY}".encode())]
    encoder = EndpointEncoder(server.url, "words", dimension=6)
    with pytest.raises(
        AssetError, match=r"after 1 attempts: HTTP 401 wrong key \*\*\*.*key in \$OPENAI_API_KEY"
    ) as told:
        encoder.encode(["a"])
    assert KEY not in repr(told.value) + repr(told.value.__cause__) + repr(encoder) + repr(vars(encoder))


def test_a_redirect_does_not_carry_the_key_away(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    other = Server(("127.0.0.1", 0), Embeddings)
    other.asked = []
    server.failures = [(307, {"Location": f"http://127.0.0.1:{other.server_port}/steal"}, b"")]
    with pytest.raises(AssetError, match="HTTP 307"):
        EndpointEncoder(server.url, "words", dimension=6).encode(["a"])
    assert other.asked == []
    other.server_close()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_failure_in_passing_is_tried_again(server: Server, status: int) -> None:
    server.failures = [(status, {}, b"busy")] * 2
    assert EndpointEncoder(server.url, "words", dimension=6, wait=0.01).encode(["a"]).shape == (1, 6)
    assert len(server.asked) == 3


def test_waits_grow_and_an_asked_wait_is_kept(server: Server) -> None:
    began = time.perf_counter()
    server.failures = [(429, {"Retry-After": "1"}, b"")]
    EndpointEncoder(server.url, "words", dimension=6, wait=0.01).encode(["a"])
    assert 1 <= time.perf_counter() - began < 3
    began = time.perf_counter()
    server.failures = [(503, {}, b"")] * 3
    EndpointEncoder(server.url, "words", dimension=6, wait=0.2).encode(["a"])
    assert 0.7 <= time.perf_counter() - began < 3  # at least half of 0.2 + 0.4 + 0.8


def test_attempts_end(server: Server) -> None:
    server.failures = [(503, {}, b"closed for today")] * 9
    with pytest.raises(AssetError, match="after 3 attempts: HTTP 503 closed for today"):
        EndpointEncoder(server.url, "words", dimension=6, attempts=3, wait=0.01).encode(["a"])
    assert len(server.asked) == 3


def test_what_will_not_pass_is_not_tried_again(server: Server) -> None:
    server.failures = [(404, {}, b"no such model")] * 9
    with pytest.raises(AssetError, match="after 1 attempts: HTTP 404 no such model"):
        EndpointEncoder(server.url, "words", dimension=6).encode(["a"])


def test_a_server_that_hangs_is_given_up(server: Server) -> None:
    server.seconds = 2.0
    began = time.perf_counter()
    with pytest.raises(AssetError, match="timed out"):
        EndpointEncoder(server.url, "words", dimension=6, timeout=0.2, attempts=2, wait=0.01).encode(["a"])
    assert time.perf_counter() - began < 1.5


def test_no_server() -> None:
    with pytest.raises(AssetError, match=r"Connection refused.*Check the URL"):
        EndpointEncoder("http://127.0.0.1:9/v1", "words", attempts=2, wait=0.01).encode(["a"])


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"[]", b'{"data": []}', b'{"data": [{"index": 0, "embedding": "x"}]}', b'{"data": [{"index": 0}]}'],
)
def test_nonsense_is_told(server: Server, body: bytes) -> None:
    server.failures = [(200, {}, body)]
    with pytest.raises(AssetError, match="not of the protocol"):
        EndpointEncoder(server.url, "words", dimension=6).encode(["a"])


@pytest.mark.parametrize(
    ("row", "message"), [("[1, 2]", r"vectors of \[2\] numbers, not 6"), ("[1, 2, 3, 4, 5, NaN]", "not finite")]
)
def test_other_vectors_are_refused(server: Server, row: str, message: str) -> None:
    server.failures = [(200, {}, f'{{"data": [{{"index": 0, "embedding": {row}}}]}}'.encode())]
    with pytest.raises(AssetError, match=message):
        EndpointEncoder(server.url, "words", dimension=6).encode(["a"])


@pytest.mark.parametrize("url", ["ftp://host/v1", "file:///etc/passwd", "host/v1", f"https://me:{KEY}@host/v1"])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(ConfigError, match=r"An endpoint is http\(s\)://host/path") as told:
        EndpointEncoder(url, "words")
    assert KEY not in str(told.value)


@pytest.mark.parametrize("url", ["http://example.org/v1", "http://8.8.8.8/v1"])
def test_nothing_goes_unencrypted_over_the_network(url: str) -> None:
    with pytest.raises(ConfigError, match=r"unencrypted over the network\. Use https"):
        EndpointEncoder(url, "words")


@pytest.mark.parametrize(
    "url", ["http://localhost:1/v1", "http://10.0.0.7/v1", "http://vllm:8000/v1", "https://example.org/v1"]
)
def test_near_or_encrypted_is_fine(url: str) -> None:
    assert EndpointEncoder(url, "words").url == url

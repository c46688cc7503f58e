"""What hosts and origins look like, beyond the examples; what the gate makes of them is in test_gate."""

import pytest
from starlette.datastructures import Headers

from penchant.serving.access.origin import LOOPBACK, known_host, own_page


def test_exactly_one_host_is_needed() -> None:
    assert known_host(Headers(raw=[(b"host", b"localhost")]), LOOPBACK)
    assert not known_host(Headers(raw=[]), LOOPBACK)
    assert not known_host(Headers(raw=[(b"host", b"localhost"), (b"host", b"localhost")]), LOOPBACK)


@pytest.mark.parametrize(
    "host", ["::1", "[::1", "::1]", "localhost.", "127.1", "0", "0x7f.1", " localhost", "localhost:x"]
)
def test_other_spellings_are_other_names(host: str) -> None:
    assert not known_host(Headers({"host": host}), LOOPBACK)


@pytest.mark.parametrize(
    "origin",
    [
        "file://",
        "null",
        "https://localhost:8000/x",
        "http://localhost",
        "ftp://localhost:8000",
        "http://a@localhost:8000",
    ],
)
def test_an_origin_is_ours_only_with_host_and_port(origin: str) -> None:
    assert not own_page("PUT", Headers({"host": "localhost:8000", "origin": origin}))
    assert own_page("GET", Headers({"host": "localhost:8000", "origin": origin}))


def test_a_proxy_that_speaks_tls_keeps_the_host() -> None:
    assert own_page("POST", Headers({"host": "shop.example", "origin": "https://shop.example"}))

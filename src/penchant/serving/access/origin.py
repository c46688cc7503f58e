"""What a browser tells of where a request comes from. Against pages of others: DNS rebinding, and posts across sites."""

import re

from starlette.datastructures import Headers

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::\d{1,5})?")
HARMLESS = frozenset({"GET", "HEAD"})


def known_host(headers: Headers, hosts: frozenset[str]) -> bool:
    """Whether the one Host header names us.

    By DNS rebinding a page's own name leads to this machine; the name stands in the header.

    >>> (
    ...     known_host(Headers({"host": "LOCALHOST:8000"}), LOOPBACK),
    ...     known_host(Headers({"host": "evil.example"}), LOOPBACK),
    ... )
    (True, False)
    """
    said = headers.getlist("host")
    return len(said) == 1 and _name(said[0]) in hosts


def own_page(method: str, headers: Headers) -> bool:
    """Whether no page of somebody else wants to change something. Programs send neither header, browsers can't help it.

    >>> own_page("POST", Headers({"host": "localhost:8000", "origin": "http://localhost:8000"}))
    True
    >>> own_page("POST", Headers({"host": "localhost:8000", "origin": "http://localhost:3000"}))
    False
    """
    if method in HARMLESS:
        return True
    hosts = {host.lower() for host in headers.getlist("host")}
    ours = all(_place(origin) in hosts for origin in headers.getlist("origin"))
    return ours and headers.get("sec-fetch-site", "none") in ("none", "same-origin")


def _name(host: str) -> str:
    """Without the port, in small letters; empty if it is no host."""
    found = HOST.fullmatch(host)
    return (found[1] or found[2]).lower() if found else ""


def _place(origin: str) -> str:
    """`host:port` of an origin, as the Host header has it."""
    scheme, _, place = origin.lower().partition("://")
    return place if scheme in ("http", "https") else ""

"""Which scope each route needs."""

import pytest

from penchant.serving.access.keys import Scope
from penchant.serving.access.policy import OPEN, SCOPES, need


@pytest.mark.parametrize(("method", "path"), SCOPES)
def test_each_listed_route_is_found_by_itself(method: str, path: str) -> None:
    found = need(method, path.replace("{", "").replace(":id}", "").replace("}", ""))
    assert found.route == f"{method} {path.replace(':id}', '}')}"
    assert found.scope is SCOPES[method, path]


@pytest.mark.parametrize("path", sorted(OPEN))
def test_what_is_open_is_open_to_be_read_only(path: str) -> None:
    assert need("GET", path).scope is None
    assert need("HEAD", path).scope is None
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"):
        assert need(method, path).scope is Scope.ADMIN


@pytest.mark.parametrize(
    "path", ["", "//healthz", "/healthz/", "/static/a/b", "/static/../v1/users", "/HEALTHZ", "/healthz\n", "/healthz;x"]
)
def test_what_only_looks_like_it_needs_admin(path: str) -> None:
    assert need("GET", path).scope is Scope.ADMIN


def test_ids_are_told_apart_from_routes() -> None:
    assert need("GET", "/v1/items/a b/similar").ids == {"item_id": "a b"}
    assert need("GET", "/v1/items/similar").route == "GET /v1/items/{item_id}"

"""Which scope each route needs. What isn't listed needs admin, so a forgotten line shuts a route instead of opening it.

Paths are templates as in the routes; matching needs nothing of the application, so it happens before anything of it runs.
"""

from dataclasses import dataclass
from functools import lru_cache
from re import Pattern

from starlette.routing import compile_path

import penchant.serving.ids  # noqa: F401  what an id is, in templates
from penchant.serving.access.keys import Scope

OPEN = frozenset({"/healthz", "/readyz", "/", "/static/{name}"})
"""To GET without a key: is it alive, and the files of the page, which hold no data."""

SCOPES = {
    ("POST", "/v1/recommend"): Scope.READ,
    ("POST", "/v1/recommend/batch"): Scope.READ,
    ("POST", "/v1/predict"): Scope.READ,
    ("POST", "/v1/interests"): Scope.READ,
    ("POST", "/v1/events"): Scope.WRITE,
    ("POST", "/v1/shown"): Scope.WRITE,
    ("GET", "/v1/users"): Scope.READ,
    ("GET", "/v1/users/{user_id:id}"): Scope.READ,
    ("GET", "/v1/users/{user_id:id}/interests"): Scope.READ,
    ("PUT", "/v1/users/{user_id:id}/interests"): Scope.WRITE,
    ("DELETE", "/v1/users/{user_id:id}"): Scope.WRITE,
    ("PUT", "/v1/items"): Scope.WRITE,
    ("GET", "/v1/items/{item_id:id}"): Scope.READ,
    ("DELETE", "/v1/items/{item_id:id}"): Scope.WRITE,
    ("GET", "/v1/items/{item_id:id}/similar"): Scope.READ,
    ("GET", "/v1/similar"): Scope.READ,
    ("GET", "/v1/models"): Scope.READ,
    ("POST", "/v1/models/retrain"): Scope.ADMIN,
    ("GET", "/v1/experiments"): Scope.READ,
    ("POST", "/v1/experiments"): Scope.ADMIN,
    ("DELETE", "/v1/experiments"): Scope.ADMIN,
    ("POST", "/v1/models/{number}/activate"): Scope.ADMIN,
    ("GET", "/openapi.json"): Scope.READ,
    ("GET", "/metrics"): Scope.READ,
    ("GET", "/v1/panel/map"): Scope.ADMIN,
    ("GET", "/v1/panel/model"): Scope.ADMIN,
    ("GET", "/v1/panel/events"): Scope.ADMIN,
    ("GET", "/v1/panel/{part}"): Scope.ADMIN,
}

QUIET = frozenset({"/v1/panel/map", "/v1/panel/model", "/v1/panel/{part}"})
"""To GET as an admin without a line in the audit log, where everything else of admins stands."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a request needs (None: nothing), by which template, the ids in its path, and whether it is audited."""

    scope: Scope | None
    route: str
    ids: dict[str, str]
    deed: bool


def need(method: str, path: str) -> Need:
    """What a request needs.

    >>> need("GET", "/v1/users/u1")
    Need(scope=<Scope.READ: 1>, route='GET /v1/users/{user_id}', ids={'user_id': 'u1'}, deed=False)
    >>> need("GET", "/healthz").scope is None, need("POST", "/healthz").scope.name, need("GET", "/v1/dump").scope.name
    (True, 'ADMIN', 'ADMIN')
    """
    method = "GET" if method == "HEAD" else method
    for template, pattern in _patterns(method):
        found = pattern.fullmatch(path)
        if found:
            scope = None if method == "GET" and template in OPEN else SCOPES[method, template]
            quiet = method == "GET" and template in QUIET
            deed = method == "DELETE" or (scope is Scope.ADMIN and not quiet)
            return Need(scope, f"{method} {template.replace(':id}', '}')}", found.groupdict(), deed)
    return Need(Scope.ADMIN, f"{method} (unlisted)", {}, deed=True)


@lru_cache(maxsize=16)
def _patterns(method: str) -> list[tuple[str, Pattern[str]]]:
    """Templates without ids first, then those that say most after an id, which may hold slashes: as the router has them."""
    listed = {template for verb, template in SCOPES if verb == method} | (set(OPEN) if method == "GET" else set())
    return [(template, compile_path(template)[0]) for template in sorted(listed, key=lambda t: (t.count("{"), -len(t)))]

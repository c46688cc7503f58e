"""What `/openapi.json` says beyond the routes themselves: how to show a key, and what every operation may answer instead."""

from functools import cache
from typing import Any

from fastapi import FastAPI

from penchant.serving.access.keys import Scope
from penchant.serving.access.policy import need
from penchant.serving.answers import Failure

ABOUT = """
Recommendations for known people and for strangers, item neighbours, predictions, and the events that change them.
Every failure has one form: `{"error": {"type", "message"}}`. Ids are strings, kept byte for byte.
Every answer names its request in `X-Request-Id`; one that you send is kept if it is a token of 20 to 64 letters, digits, -, _.
"""
ALWAYS = {
    "400": "The body is no JSON, or too deep; or a key stands in the address",
    "413": "The body is too large",
    "421": "The server isn't known by this name",
    "422": "The request has a wrong form, or asks for what there is not",
    "429": "Too many requests, or too much waits to be written; Retry-After says when to try again",
    "500": "A failure of the server; its log has more under the number that is told",
    "503": "Overloaded, or a store cannot be reached; Retry-After says when to try again",
    "504": "Too slow; Retry-After says when to try again",
}
"""What any operation may answer instead."""
SHUT = {"401": "A key is needed, and none that holds was shown", "403": "The key's scope is too small"}
"""And one that needs a key."""
CHANGES = {
    "408": "The body came too slowly",
    "409": "The idempotency key was used for something else",
    "507": "The disk is full; Retry-After says when to try again",
}
"""And one with a body, which changes something or could."""
KEY = {"key": {"type": "http", "scheme": "bearer", "description": "pn_<tenant>_<64 hex digits>"}}


def describe(app: FastAPI) -> None:
    """Lets the application describe itself whole."""
    plain = app.openapi

    @cache
    def whole() -> dict[str, Any]:
        found = plain()
        found["info"]["description"] = ABOUT.strip()
        forms = found["components"]["schemas"]
        for unused in ("HTTPValidationError", "ValidationError"):
            forms.pop(unused, None)
        found["components"] |= {"securitySchemes": KEY, "schemas": {**forms, **_forms()}}
        for path, operations in found["paths"].items():
            for method, operation in operations.items():
                _complete(operation, need(method.upper(), path).scope, method)
        return found

    app.openapi = whole  # type: ignore[method-assign]


def _complete(operation: dict[str, Any], scope: Scope | None, method: str) -> None:
    """The refusals, and the key; `x-scope` says what it has to be good for."""
    failed = {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}}
    instead = ALWAYS | (SHUT if scope is not None else {}) | (CHANGES if method != "get" else {})
    operation["responses"] |= {status: {"description": told, "content": failed} for status, told in instead.items()}
    operation["responses"] = dict(sorted(operation["responses"].items()))
    if scope is not None:
        operation |= {"security": [{"key": []}], "x-scope": scope.name.lower()}


def _forms() -> dict[str, Any]:
    told = Failure.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**told.pop("$defs", {}), Failure.__name__: told}

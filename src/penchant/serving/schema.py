"""What `/openapi.json` says beyond the routes themselves: how to show a key, and what every operation may answer."""

from functools import cache
from typing import Any

from fastapi import FastAPI

from penchant.serving.access.policy import need
from penchant.serving.answers import Failure

ABOUT = """
Recommendations for known people and for strangers, item neighbours, predictions, and the events that change them.
Every failure has one form: `{"error": {"type", "message"}}`. Ids are strings, kept byte for byte.
"""
REFUSALS = {
    "401": "A key is needed, and none that holds was shown",
    "403": "The key's scope is too small",
    "413": "The body is too large",
    "422": "The request has a wrong form, or asks for what there is not",
    "429": "Too many requests, or too much waits to be written; Retry-After says when to try again",
    "503": "Overloaded, or a store cannot be reached; Retry-After says when to try again",
}
"""What any operation may answer instead."""
OPEN = ("401", "403")
"""Of these, what an operation that needs no key never answers."""
KEY = {"key": {"type": "http", "scheme": "bearer", "description": "pn_<tenant>_<64 hex digits>"}}


def describe(app: FastAPI) -> None:
    """Lets the application describe itself whole."""
    plain = app.openapi

    @cache
    def whole() -> dict[str, Any]:
        found = plain()
        found["info"]["description"] = ABOUT.strip()
        found["components"]["securitySchemes"] = KEY
        found["components"]["schemas"] |= _forms(Failure)
        for path, operations in found["paths"].items():
            for method, operation in operations.items():
                _complete(operation, need(method.upper(), path).scope)
        for unused in ("HTTPValidationError", "ValidationError"):
            found["components"]["schemas"].pop(unused, None)
        return found

    app.openapi = whole  # type: ignore[method-assign]


def _complete(operation: dict[str, Any], scope: Any) -> None:
    """The refusals, and the key; `x-scope` says what it has to be good for."""
    answers = operation["responses"]
    failed = {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}}
    for status, meaning in REFUSALS.items():
        if scope is not None or status not in OPEN:
            answers[status] = {"description": meaning, "content": failed}
    if scope is not None:
        operation["security"] = [{"key": []}]
        operation["x-scope"] = scope.name.lower()


def _forms(model: Any) -> dict[str, Any]:
    told = model.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**told.pop("$defs", {}), model.__name__: told}

"""The description of the API: whole, current, and kept by random requests (schemathesis)."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from penchant.serving.access.policy import OPEN
from penchant.serving.api import create_app

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return create_app({}).openapi()


def operations(described: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, verb, told) for path, verbs in described["paths"].items() for verb, told in verbs.items()]


def test_the_committed_description_is_current() -> None:
    found = subprocess.run(
        [sys.executable, ROOT / "scripts" / "openapi.py", "--check"], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr


def test_every_failure_has_the_one_form(described: dict[str, Any]) -> None:
    assert described["openapi"].startswith("3.1")
    for path, verb, told in operations(described):
        for status, answer in told["responses"].items():
            if status[0] in "45":
                form = answer["content"]["application/json"]["schema"]
                assert form == {"$ref": "#/components/schemas/Failure"}, (path, verb, status)


def test_every_operation_says_what_it_answers_and_which_key_it_needs(described: dict[str, Any]) -> None:
    for path, _, told in operations(described):
        assert ("security" in told) == ("401" in told["responses"]) == (path not in OPEN)
        assert told.get("x-scope", "read") in ("read", "write", "admin")
        assert {"422", "429", "503"} <= set(told["responses"])
        done = next(answer for status, answer in told["responses"].items() if status[0] == "2")
        assert done["content"]


def test_unused_forms_are_gone(described: dict[str, Any]) -> None:
    assert not {"HTTPValidationError", "ValidationError"} & set(described["components"]["schemas"])

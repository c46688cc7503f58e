"""The description of the API: whole, current, and kept by random requests (schemathesis)."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from penchant.serving.access.keys import Keys, Scope
from penchant.serving.access.policy import OPEN
from penchant.serving.api import create_app

ROOT = Path(__file__).parents[2]
RULES = Path(__file__).with_name("schemathesis.toml")


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


def asked_at_random(port: int, key: str | None, *options: str) -> subprocess.CompletedProcess[str]:
    """schemathesis with all its checks, as far as `schemathesis.toml` doesn't say otherwise."""
    shown = ["-H", f"Authorization: Bearer {key}"] if key else []
    where = str(ROOT / "docs" / "openapi.json")
    command = ["--config-file", str(RULES), "run", where, "--url", f"http://127.0.0.1:{port}", *shown, *options]
    always = ["--checks", "all", "--suppress-health-check", "all", "--continue-on-failure"]
    run = [str(Path(sys.executable).with_name("schemathesis")), *command, *always]
    return subprocess.run(run, capture_output=True, text=True, check=False)


QUICK = ("--phases", "examples,fuzzing,stateful", "--max-examples", "2", "--exclude-path", "/v1/models/retrain")
WHOLE = ("--max-examples", "200")


@pytest.mark.parametrize("options", [QUICK, pytest.param(WHOLE, marks=[pytest.mark.slow, pytest.mark.timeout(3600)])])
def test_random_requests_find_no_failure_and_nothing_that_is_not_described(
    serve_run: Callable[..., Any], tmp_path: Path, options: tuple[str, ...]
) -> None:
    """With an admin's key, and with none: then nothing but the open routes answers, and every refusal is described too."""
    key, _ = Keys(tmp_path / "run").create(Scope.ADMIN)
    served = serve_run("--limit", "requests_per_minute=1000000", "--limit", "refused_per_minute=1000000")
    for shown in (key, None):
        # Without a key all but the open reads is refused before its method is looked at: 401 rather than 405.
        known = () if shown else ("--exclude-checks", "unsupported_method")
        found = asked_at_random(served.port, shown, *options, *known)
        assert found.returncode == 0, found.stdout[-5000:]
    lines = [json.loads(line) for line in served.said().splitlines() if line.startswith("{")]
    requests = [line for line in lines if line["event"] == "request"]
    assert {line["status"] for line in requests} >= {200, 401, 404, 422}
    assert [line for line in requests if line["status"] >= 500] == []
    assert key not in served.said()

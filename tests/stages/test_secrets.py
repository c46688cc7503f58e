"""The password of a database goes to the database and nowhere else: no file of the run, no line of output, no log."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from data.test_sql import QUOTED, SECRET, filled, postgres  # noqa: F401  fixtures
from penchant.cli import app
from penchant.records.errors import PenchantError

SECRETS = (SECRET, QUOTED, "s3cret")


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """What was printed is added by the tests; what was logged, even for debugging, at their end."""
    lines: list[str] = []
    with caplog.at_level(logging.DEBUG):
        yield lines
    lines.append(caplog.text)
    assert not [line for line in lines for secret in SECRETS if secret in line]


def run(*arguments: str) -> tuple[int, str]:
    """The exit code, and all that a person gets to see."""
    found = CliRunner().invoke(app, [*arguments])
    error = found.exception
    assert error is None or isinstance(error, SystemExit | PenchantError), error
    return found.exit_code, f"{found.output}{found.exception or ''}"


@pytest.mark.postgres
def test_a_prepared_run_holds_no_password(filled: str, tmp_path: Path, told: list[str]) -> None:  # noqa: F811
    for verb in ("prepare", "doctor"):
        place = [str(tmp_path / "run")] if verb == "prepare" else []
        code, output = run(verb, *place, "--events", f"{filled}#ratings")
        assert code == 0, output
        told.append(output)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"quality.json", "events.parquet"} <= {path.name for path in files}
    told += [path.read_bytes().decode("latin-1") for path in files]


@pytest.mark.postgres
@pytest.mark.parametrize("change", [("#ratings", "#nosuch"), ("postgres?", "nosuch?"), ("@/", "9@/")])
def test_errors_hold_no_password(filled: str, tmp_path: Path, told: list[str], change: tuple[str, str]) -> None:  # noqa: F811
    url = f"{filled}#ratings".replace(*change)
    for verb in (["prepare", str(tmp_path / "run")], ["doctor"], ["estimate"]):
        code, output = run(*verb, "--events", url)
        assert code == 1
        told.append(output)
    assert not (tmp_path / "run").exists()


def test_what_is_no_url_of_a_database_is_not_repeated(told: list[str]) -> None:
    unquoted = "postgresql://me:12#s3cret@host.invalid/shop"
    for url in (
        f"postgresql://me:{QUOTED}@h:port/shop#t",
        f"://me:{SECRET}@",
        f"nosuch://me:{QUOTED}@h/shop#t",
        unquoted,
    ):
        for verb in ("doctor", "estimate"):
            code, output = run(verb, "--events", url)
            assert code == 1
            told.append(output)

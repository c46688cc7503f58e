"""Keys and the audit log on the command line. What they are good for is tested in tests/serving/access."""

import json
import stat
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from penchant.cli import app
from penchant.serving.access.keys import Keys, Scope


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """As far as these verbs look into a run."""
    (tmp_path / "run" / "model").mkdir(parents=True)
    return tmp_path / "run"


def penchant(verb: str, run: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*verb.split(), str(run), *arguments])


def test_a_key_is_shown_once_and_is_good_for_what_was_said(run: Path) -> None:
    made = penchant("keys create", run, "--scope", "write", "--tenant", "shop", "--days", "2")
    key = made.stdout.strip()
    record = Keys(run).find(key)
    assert record
    assert (record.scope, record.tenant) == (Scope.WRITE, "shop")
    assert record.expires_at == record.created_at + 2 * 86_400
    assert record.key_id in made.stderr
    listed = penchant("keys list", run).stdout + penchant("keys list", run, "--json").stdout
    assert record.key_id in listed
    for secret in (key, key.rpartition("_")[2], record.digest):
        assert secret not in listed
    assert json.loads(penchant("keys list", run, "--json").stdout)[0]["scope"] == "write"


def test_a_revoked_key_is_refused_and_still_listed(run: Path) -> None:
    key = penchant("keys create", run).stdout.strip()
    record = Keys(run).find(key)
    assert record
    assert "until revoked" in penchant("keys list", run).stdout
    assert penchant("keys revoke", run, record.key_id).exit_code == 0
    assert Keys(run).find(key) is None
    assert "revoked 20" in penchant("keys list", run).stdout
    assert "No key has the id 'x'" in str(penchant("keys revoke", run, "x").exception)


def test_keys_that_are_made_and_revoked_are_audited(run: Path) -> None:
    record = Keys(run).find(penchant("keys create", run).stdout.strip())
    assert record
    penchant("keys revoke", run, record.key_id)
    told = json.loads(penchant("audit-log verify", run, "--json").stdout)
    assert (told["num_lines"], told["broken"]) == (2, None)
    file = run / "access" / "audit.jsonl"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert penchant("audit-log verify", run, "--expect", told["last"]).exit_code == 0
    file.write_text(file.read_text().replace("keys create", "keys revoke"))
    found = penchant("audit-log verify", run)
    assert found.exit_code == 1
    assert "Line 1 is broken: its hash does not fit" in found.stdout


def test_mistakes_make_no_folder(tmp_path: Path, run: Path) -> None:
    for verb in ("keys create", "keys list", "audit-log verify"):
        found = penchant(verb, tmp_path / "mistyped")
        assert "holds no model" in str(found.exception)
    assert not (tmp_path / "mistyped").exists()
    for option, value, told in (("--scope", "root", "three scopes"), ("--tenant", "A B", "A tenant is named by")):
        found = penchant("keys create", run, option, value)
        assert found.exit_code == 1
        assert told in str(found.exception)
    assert Keys(run).all() == []

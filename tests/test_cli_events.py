"""The verbs, on a log that a server of this process has open."""

from contextlib import closing
from pathlib import Path

from typer.testing import CliRunner, Result

from penchant.cli import app
from penchant.records.errors import ConfigError, LockedError
from penchant.serving.events.open import open_log


def ask(*words: object) -> Result:
    return CliRunner().invoke(app, ["events", *map(str, words)])


def test_backup_restore_and_export(tmp_path: Path) -> None:
    run, new, file = tmp_path / "run", tmp_path / "new", tmp_path / "backup.db"
    with closing(open_log(run / "live")) as log:
        log.append(
            "default", [{"user_id": "u", "item_id": f"i{n}", "kind": "view"} for n in range(3)], [None] * 3
        ).result()
        told = ask("backup", run, file)
        assert told.stdout == f"{file}: 3 events were logged until then, by 1 tenants.\n"
        assert isinstance(ask("restore", run, file).exception, LockedError)
        assert ask("export", run, tmp_path / "out.jsonl").stdout == f"{tmp_path / 'out.jsonl'}: 3 events.\n"
        assert isinstance(ask("export", run, tmp_path / "b.jsonl", "--tenant", "x").exception, ConfigError)
    assert ask("restore", new, file).exit_code == 0
    assert isinstance(ask("restore", new, file).exception, ConfigError)
    elsewhere = tmp_path / "elsewhere"
    assert ask("restore", new, file, "--events", elsewhere).exit_code == 0
    for folder in (new / "live", elsewhere):
        with closing(open_log(folder)) as log:
            assert [row.event["item_id"] for row in log.read("default")] == ["i0", "i1", "i2"]

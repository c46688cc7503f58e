"""Of SQLite into a file and back; PostgreSQL's turn is in test_postgres.py."""

import sqlite3
import stat
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from contracts.event_log_contract import NASTY, kept, view
from penchant.records.errors import ArtifactError, ConfigError, DataError
from penchant.serving.events.backup import restore
from penchant.serving.events.open import open_log, open_store


def restored(backup: Path, folder: Path) -> Path:
    with closing(open_store(folder)) as store:
        restore(backup, store)
    return folder


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """Two tenants, and a gap where somebody was erased."""
    with closing(open_log(tmp_path / "events")) as log:
        log.append("a", [view("u", "i"), NASTY, view("gone", "i")], ["k", None, None]).result()
        log.append("b", [view("u", "other")], ["k"]).result()
        log.append("a", [view("u", f"i{n}") for n in range(1500)] + [view("gone", "last")], [None] * 1501).result()
        log.erase("a", "gone")
        log.backup(tmp_path / "folder" / "backup.db")
    return tmp_path / "folder" / "backup.db"


def test_a_backup_is_one_private_file_and_everything_comes_back(tmp_path: Path, backup: Path) -> None:
    assert [path.name for path in backup.parent.iterdir()] == ["backup.db"]
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with closing(open_log(tmp_path / "events")) as old, closing(open_log(restored(backup, tmp_path / "new"))) as new:
        for tenant in ("a", "b", "c"):
            assert list(new.read(tenant)) == list(old.read(tenant))
            assert new.last(tenant) == old.last(tenant)
        assert len(kept(new, "a")) == 1502
        assert new.append("a", [view("u", "i"), view("u", "new")], ["k", None]).result() == [
            1,
            1506,
        ]  # 1505 is not given again


def test_a_backup_while_others_write_is_what_was_there_at_some_moment(tmp_path: Path) -> None:
    stop = threading.Event()
    told: list[int] = []
    with closing(open_log(tmp_path / "events")) as log:

        def writer(tenant: str) -> None:
            while not stop.is_set():
                told.extend(log.append(tenant, [view("u", "i")] * 7, [None] * 7).result())

        threads = [threading.Thread(target=writer, args=(tenant,)) for tenant in "ab"]
        for thread in threads:
            thread.start()
        for number in range(3):
            time.sleep(0.1)
            acknowledged = max(told, default=0)
            log.backup(tmp_path / f"{number}.db")
            with closing(open_log(restored(tmp_path / f"{number}.db", tmp_path / f"new{number}"))) as copy:
                numbers = sorted(row.sequence for tenant in "ab" for row in copy.read(tenant))
            assert numbers == list(range(1, len(numbers) + 1))
            assert len(numbers) >= acknowledged > 0
        stop.set()
        for thread in threads:
            thread.join()


def test_nothing_is_overwritten(tmp_path: Path, backup: Path) -> None:
    before = backup.read_bytes()
    with (
        closing(open_log(tmp_path / "events")) as log,
        pytest.raises(ConfigError, match=r"something at .*backup\.db already"),
    ):
        log.backup(backup)
    with pytest.raises(ConfigError, match="events here already"):
        restored(backup, tmp_path / "events")
    assert backup.read_bytes() == before
    with pytest.raises(DataError, match=r"no backup at .*gone\.db"):
        restored(tmp_path / "gone.db", tmp_path / "new")


@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        (
            "UPDATE events SET event = replace(event, 'i7', 'i8') WHERE event LIKE '%\"i7\"%'",
            "does not match its checksum",
        ),
        ("DELETE FROM events WHERE sequence = 900", "before number 901 is missing"),
        ("DELETE FROM events WHERE sequence = 1504", "ends at record 1503 instead of 1504"),
        ("DELETE FROM events WHERE tenant = 'b'", "ends at record 0 instead of 4"),
        ("UPDATE log SET last = 3", "counter of the event log is damaged"),
        ("PRAGMA user_version = 99", "of version 99, and this Penchant knows versions up to 1.*newer"),
    ],
)
def test_a_damaged_backup_is_refused_whole(tmp_path: Path, backup: Path, damage: str, rule: str) -> None:
    with closing(sqlite3.connect(backup, isolation_level=None)) as connection:
        connection.execute(damage)
    with pytest.raises(ArtifactError, match=rule):
        restored(backup, tmp_path / "new")
    with closing(open_log(tmp_path / "new")) as log:
        assert log.tenants() == []


def test_a_damaged_log_gives_no_backup(tmp_path: Path, backup: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "events" / "events.db", isolation_level=None)) as connection:
        connection.execute("DELETE FROM events WHERE sequence = 900")
    with closing(open_log(tmp_path / "events")) as log, pytest.raises(ArtifactError, match="before number 901"):
        log.backup(tmp_path / "other.db")
    assert not list(tmp_path.glob("other*"))

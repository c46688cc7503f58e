"""SQLite for real: files on this disk, and what happens to them."""

import os
import random
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from contracts.event_log_contract import EventLogContract, kept, view
from penchant.records.errors import (
    ArtifactError,
    ConfigError,
    LockedError,
    PenchantError,
    StoreFullError,
    StoreUnavailableError,
)
from penchant.serving.events import sqlite as module
from penchant.serving.events.open import open_log
from penchant.serving.events.sqlite import MIGRATIONS, SqliteReader, SqliteStore, connect, migrate

APPEND = """
import sys
from pathlib import Path
from penchant.serving.events.durable import DurableLog
from penchant.serving.events import sqlite
if "--unsynced" in sys.argv:
    sqlite.SETTINGS = ("synchronous = OFF",)
log = DurableLog(sqlite.SqliteStore(Path(sys.argv[1])))
for number in range(50):
    log.append("shop", [{"user_id": "u", "item_id": f"i{number}"}], [None]).result()
"""


class TestSqliteLog(EventLogContract):
    @pytest.fixture
    def where(self, tmp_path: Path) -> Path:
        return tmp_path / "events"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A closed log of some pages."""
    with closing(open_log(tmp_path / "events")) as log:
        for tenant in ("a", "b"):
            log.append(tenant, [view(f"u{n % 9}", f"i{n}") for n in range(100)], [f"k{n}" for n in range(100)]).result()
    return tmp_path / "events"


def skip(why: str) -> None:
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(why)


def test_the_files_are_private_and_the_settings_are_those_of_durability(folder: Path) -> None:
    with closing(open_log(folder)) as log:
        log.append("a", [view("u", "i")], [None]).result()
        assert {path.name for path in folder.iterdir()} == {"events.db", "events.db-wal", "events.db-shm", "lock"}
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    with closing(connect(folder / "events.db")) as connection:
        asked = ("journal_mode", "synchronous", "secure_delete", "user_version")
        assert [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in asked] == ["wal", 2, 1, 1]


def syncs(folder: Path, *more: str) -> int:
    """Calls of fsync and fdatasync while a process makes 50 commits."""
    trace = folder.with_suffix(".trace")
    command = [
        "strace",
        "-f",
        "--seccomp-bpf",
        "-e",
        "trace=fsync,fdatasync",
        "-o",
        trace,
        sys.executable,
        "-c",
        APPEND,
    ]
    subprocess.run([*command, folder, *more], check=True, timeout=120)
    return trace.read_text().count("sync(")


def test_each_commit_is_synced(tmp_path: Path) -> None:
    if not shutil.which("strace"):
        skip("NO STRACE: install it to have it counted that each commit is synced")
    assert syncs(tmp_path / "events") >= 50
    assert syncs(tmp_path / "mutant", "--unsynced") < 50


def test_a_second_process_is_refused_and_may_read(folder: Path) -> None:
    code = "import sys; from penchant.serving.events.open import open_log; open_log(sys.argv[1])"
    with closing(open_log(folder)) as log:
        other = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=False)
        assert other.returncode != 0
        assert f"LockedError: The process {os.getpid()} has" in other.stderr
        with pytest.raises(LockedError, match=f"{os.getpid()}"):
            SqliteStore(folder)
        with closing(SqliteReader(folder)) as reader, reader.reading() as tables:
            assert len(tables.rows("a", 0, 1000)) == 100
        assert log.append("a", [view("u", "i")], [None]).result() == [201]


def test_reading_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"no event log in .*: no events\.db"):
        SqliteReader(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_logs_of_each_released_version_open(tmp_path: Path) -> None:
    for version in range(1, len(MIGRATIONS) + 1):
        folder = tmp_path / str(version)
        folder.mkdir()
        with closing(sqlite3.connect(folder / "events.db")) as connection:
            connection.executescript(Path(__file__).with_name(f"schema_{version}.sql").read_text())
        with closing(open_log(folder)) as log:
            assert kept(log, "a") == [(1, view("用户", "i1")), (3, view("v", "i3", value=0.5)), (5, view("用户", "i5"))]
            assert kept(log, "b") == [(4, view("用户", "other"))]
            assert log.append("a", [view("用户", "i1"), view("w", "new")], ["k1", None]).result() == [1, 7]
            assert log.erase("a", "用户") == 2


def test_a_migration_is_made_once_and_wholly_or_not_at_all(folder: Path) -> None:
    path = folder / "events.db"
    more = (*MIGRATIONS, ("ALTER TABLE log ADD COLUMN note TEXT", "UPDATE log SET note = 'x'"))
    broken = (*more, ("ALTER TABLE log ADD COLUMN other TEXT", "UPDATE absent SET x = 1"))
    with closing(connect(path)) as connection:
        with pytest.raises(ArtifactError, match="no such table: absent"):
            migrate(connection, broken)
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert connection.execute("SELECT * FROM log").fetchall() == [(200,)]
        migrate(connection, more)
        migrate(connection, more)
        assert connection.execute("SELECT * FROM log").fetchall() == [(200, "x")]
    with pytest.raises(ArtifactError, match="of version 2, and this Penchant knows versions up to 1"):
        open_log(folder)
    with closing(SqliteReader(folder)) as reader, pytest.raises(ArtifactError, match="of version 2"), reader.reading():
        pass


def test_no_byte_of_an_erased_person_is_left_in_any_file(tmp_path: Path) -> None:
    name = "erased-用户-4711"
    canary = name.encode()

    def found() -> set[str]:
        return {path.name for path in (tmp_path / "events").iterdir() if canary in path.read_bytes()}

    with closing(open_log(tmp_path / "events")) as log:
        for batch in range(20):
            events = [view(name if n % 10 == 3 else f"u{n}", f"i{n}", text="x" * (n * 37 % 5000)) for n in range(100)]
            log.append("shop", events, [f"{events[n]['user_id']}-{batch}-{n}" for n in range(100)]).result()
        assert found()
        with log._store.writing() as tables:  # what a plain DELETE would leave
            assert tables.erase("shop", name) == 200
        assert found()
        assert log.erase("shop", name) == 0
        assert not found()
        assert len(kept(log, "shop")) == 1800
    assert not found()


def test_erasing_waits_for_readers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(open_log(tmp_path)) as log:
        log.append("shop", [view("u", "i"), view("gone", "i")], [None, None]).result()
        with log._store.reading() as tables:
            assert len(tables.rows("shop", 0, 10)) == 2
            monkeypatch.setattr(module, "SCRUB_SECONDS", 0.0)
            log._store._writer.execute("PRAGMA busy_timeout = 10")
            with pytest.raises(StoreUnavailableError, match="Traces are left"):
                log.erase("shop", "gone")
            assert len(tables.rows("shop", 0, 10)) == 2  # its view does not change
        assert log.erase("shop", "gone") == 0
        assert (tmp_path / "events.db-wal").stat().st_size == 0


def test_any_flipped_bit_is_found_or_harmless(folder: Path, tmp_path: Path) -> None:
    whole = (folder / "events.db").read_bytes()
    with closing(open_log(folder)) as log:
        expected = {tenant: list(log.read(tenant)) for tenant in log.tenants()}
    chosen = random.Random(0)
    harmless, messages = 0, []
    (tmp_path / "flipped").mkdir()
    for _ in range(200):
        damaged = bytearray(whole)
        damaged[chosen.randrange(len(whole))] ^= 1 << chosen.randrange(8)
        for path in (tmp_path / "flipped").iterdir():
            path.unlink()
        (tmp_path / "flipped" / "events.db").write_bytes(damaged)
        try:
            with closing(open_log(tmp_path / "flipped")) as log:
                assert {tenant: list(log.read(tenant)) for tenant in log.tenants()} == expected
            harmless += 1
        except PenchantError as error:
            messages.append(str(error))
    assert harmless + len(messages) == 200
    assert len(messages) > 50
    assert all(
        ("event log" in message and "estore a backup" in message) or "newer Penchant" in message for message in messages
    )


def test_a_torn_wal_and_a_lost_shm_cost_nothing_that_was_checkpointed(tmp_path: Path) -> None:
    """The files of a log that is open are those that a crash leaves."""
    with closing(open_log(tmp_path / "events")) as log:
        log.append("shop", [view("u", f"i{n}") for n in range(50)], [None] * 50).result()
        with log._store.writing():
            pass
        log._store._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for n in range(50, 60):
            log.append("shop", [view("u", f"i{n}")], [None]).result()
        crashed = {path.name: path.read_bytes() for path in (tmp_path / "events").iterdir()}
    wal = crashed["events.db-wal"]
    chosen = random.Random(0)
    lengths = []
    for cut in [0, len(wal), *(chosen.randrange(len(wal)) for _ in range(20))]:
        shutil.rmtree(tmp_path / "copy", ignore_errors=True)
        (tmp_path / "copy").mkdir()
        (tmp_path / "copy" / "events.db").write_bytes(crashed["events.db"])
        (tmp_path / "copy" / "events.db-wal").write_bytes(wal[:cut])
        if cut % 2:
            (tmp_path / "copy" / "events.db-shm").write_bytes(crashed["events.db-shm"])
        with closing(open_log(tmp_path / "copy")) as log:
            numbers = [row.sequence for row in log.read("shop")]
            assert numbers == list(range(1, len(numbers) + 1))
            assert log.append("shop", [view("u", "new")], [None]).result() == [len(numbers) + 1]
        lengths.append(len(numbers))
    assert lengths[:2] == [50, 60]
    assert min(lengths) == 50


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """8 MiB, of which 4 are taken by a file named `filler`."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk], capture_output=True, check=False)
    if mounted.returncode:
        skip("NO RIGHT TO MOUNT: run the tests as root to have a full disk tried for real")
    try:
        (disk / "filler").write_bytes(bytes(4 << 20))
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_full_disk(small_disk: Path) -> None:
    told: list[int] = []
    full = threading.Event()
    with closing(open_log(small_disk / "events")) as log:

        def client(name: int) -> None:
            with suppress(StoreFullError):
                for n in range(100_000):
                    told.extend(
                        log.append("shop", [view("u", f"{name}-{n}", text="x" * 500)], [f"{name}-{n}"]).result(30)
                    )
                return
            full.set()

        threads = [threading.Thread(target=client, args=(name,)) for name in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert full.is_set()
        assert sorted(told) == [row.sequence for row in log.read("shop")] == list(range(1, len(told) + 1))
        big = [view("u", "big", text="x" * 60_000)] * 100
        with pytest.raises(StoreFullError, match="disk of the event log is full"):
            log.append("shop", big, [None] * 100).result()
        with pytest.raises(StoreFullError):
            log.backup(small_disk / "backup.db")
        assert not list(small_disk.glob("backup*"))
        (small_disk / "filler").unlink()
        assert log.append("shop", [view("u", "after")], [None]).result() == [len(told) + 1]  # no restart
        assert len(kept(log, "shop")) == len(told) + 1


def test_a_disk_without_wal_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "connect", lambda path: sqlite3.connect(":memory:", isolation_level=None))
    with pytest.raises(ConfigError, match=r"WAL does not work in .*local disk"):
        SqliteStore(tmp_path)
    monkeypatch.undo()
    SqliteStore(tmp_path).close()  # the lock was let go


class Snatched(list):
    """Somebody else takes the last one right after it was seen."""

    def __bool__(self) -> bool:
        return True


def test_two_readers_never_grasp_the_same_connection(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path)) as store:
        store._idle = Snatched()
        with store.reading() as tables:
            last = tables.last()
        store._idle = list(store._idle)
    assert last == 0

"""The tables in one SQLite file: WAL, synchronous=FULL, so a commit that was told survives a crash and a power cut.

Needs a local disk. Groups, checks and backups are not here.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from penchant.records.errors import ArtifactError, ConfigError, StoreFullError, StoreUnavailableError
from penchant.serving.events.lock import FolderLock
from penchant.serving.events.rows import REMEDY, Row
from penchant.serving.events.tables import Tables
from penchant.serving.kept import sync

FILE = "events.db"
MIGRATIONS = (
    (
        "CREATE TABLE events (tenant TEXT NOT NULL, sequence INTEGER NOT NULL, previous INTEGER NOT NULL, key TEXT,"
        " user_id TEXT, event TEXT NOT NULL, received_at INTEGER NOT NULL, checksum INTEGER NOT NULL,"
        " PRIMARY KEY (tenant, sequence)) STRICT, WITHOUT ROWID",
        "CREATE UNIQUE INDEX events_by_key ON events (tenant, key) WHERE key IS NOT NULL",
        "CREATE INDEX events_by_user ON events (tenant, user_id)",
        "CREATE TABLE heads (tenant TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE TABLE log (last INTEGER NOT NULL) STRICT",
        "INSERT INTO log VALUES (0)",
    ),
)
"""The statements that lead from each version of the schema to the next; the version of a file is its `user_version`."""
SETTINGS = ("synchronous = FULL", "fullfsync = ON", "secure_delete = ON", "busy_timeout = 5000")
AWAY = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
)
"""Errors that may pass."""
SCRUB_SECONDS = 60.0
PRIVATE = 0o600


def connect(path: Path) -> sqlite3.Connection:
    """A connection to a file (made if need be) with the settings that durability needs; threads may hand it over."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for setting in SETTINGS:
        connection.execute(f"PRAGMA {setting}")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection, begin: str = "BEGIN") -> Iterator[Tables]:
    """The tables in one transaction, committed at the end of the block, undone if it raises; errors in our words."""

    def execute(sql: str, values: Sequence[Any]) -> list[Any]:
        return connection.execute(sql, values).fetchall()

    def insert(rows: Sequence[Row]) -> None:
        connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    with our_words():
        connection.execute(begin)
        try:
            yield Tables(execute, insert)
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # SQLite may have undone it already
                connection.execute("ROLLBACK")
            raise


@contextmanager
def our_words() -> Iterator[None]:
    """What an error of SQLite means to those who wait."""
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            raise StoreFullError("The disk of the event log is full. Make room, and send this again.") from error
        if code in AWAY or isinstance(error, sqlite3.ProgrammingError):  # the latter: it is closed
            raise StoreUnavailableError(
                f"The event log cannot be used: {error}. Look at its disk; send again."
            ) from error
        raise ArtifactError(f"The event log is damaged: {error}. {REMEDY}") from error


def migrate(connection: sqlite3.Connection, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Brings the tables to the newest version, or leaves them as they were.

    Raises: ArtifactError for a version that is newer, or a counter below a record.
    """
    with transaction(connection, "BEGIN IMMEDIATE") as tables:
        check_version(connection, migrations)
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        for statement in [each for migration in migrations[version:] for each in migration]:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
        if tables.last() < max(tables.heads().values(), default=0):
            raise ArtifactError(f"The counter of the event log is damaged: it is below a record. {REMEDY}")


def check_version(connection: sqlite3.Connection, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Raises: ArtifactError for a version that is newer than this program."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(migrations):
        raise ArtifactError(
            f"The event log is of version {version}, and this Penchant knows versions up to {len(migrations)}."
            " Open it with a newer Penchant."
        )


class SqliteReader:
    """The file in a folder, to be read, also while another process writes it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._idle: list[sqlite3.Connection] = []
        if not self._path.is_file():
            raise ArtifactError(
                f"There is no event log in {folder}: no {FILE}. Serve the run once, or restore a backup."
            )

    @contextmanager
    def reading(self) -> Iterator[Tables]:
        """One unchanging view of what is committed."""
        with ExitStack() as broken:
            with our_words():
                connection = broken.enter_context(closing(self._taken()))
                check_version(connection)
            with transaction(connection) as tables:
                yield tables
            broken.pop_all()  # it works: the next reader takes it
        self._idle.append(connection)

    def close(self) -> None:
        """Lets go of the file."""
        while self._idle:
            self._idle.pop().close()

    def _taken(self) -> sqlite3.Connection:
        """One that is idle; another thread may take the last one between a look and a grasp."""
        with suppress(IndexError):
            return self._idle.pop()
        return connect(self._path)


class SqliteStore(SqliteReader):
    """The same, made if need be, to be written by this process alone.

    Raises: LockedError if another process has it; ArtifactError for a damaged file or a newer version.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._mutex = threading.Lock()
        with ExitStack() as opened:
            self._lock = opened.enter_context(closing(FolderLock(folder)))
            os.close(os.open(folder / FILE, os.O_RDWR | os.O_CREAT, PRIVATE))
            sync(folder, folder.parent)
            super().__init__(folder)
            with our_words():
                self._writer = opened.enter_context(closing(connect(self._path)))
                if self._writer.execute("PRAGMA journal_mode = WAL").fetchone() != ("wal",):
                    raise ConfigError(f"SQLite's WAL does not work in {folder}. Take a folder on a local disk.")
                migrate(self._writer)
            opened.pop_all()

    @contextmanager
    def writing(self) -> Iterator[Tables]:
        """One transaction, alone; synced before it ends."""
        with self._mutex, transaction(self._writer, "BEGIN IMMEDIATE") as tables:
            yield tables

    def scrub(self) -> None:
        """Rewrites the file without a trace of what was deleted, and empties the WAL; waits for readers up to a minute."""
        end = time.monotonic() + SCRUB_SECONDS
        with self._mutex, our_words():
            self._writer.execute("VACUUM")
            while self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                if time.monotonic() > end:
                    raise StoreUnavailableError("Traces are left: somebody has read the log for a minute. Erase again.")

    def close(self) -> None:
        """Lets go of the file and the folder."""
        super().close()
        self._writer.close()
        self._lock.close()

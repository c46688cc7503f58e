"""The tables in a schema named `penchant` of a PostgreSQL database. Several processes may write: one at a time gets its turn.

What the server's own WAL, replicas and backups hold of erased people is its keeper's matter.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from penchant.data.sql import shown
from penchant.records.errors import ArtifactError, ConfigError, MissingExtraError, StoreFullError, StoreUnavailableError
from penchant.serving.events.rows import Row
from penchant.serving.events.tables import Tables

if TYPE_CHECKING:
    import psycopg

MIGRATIONS = (
    (
        "CREATE TABLE events (tenant text NOT NULL, sequence bigint NOT NULL, previous bigint NOT NULL, key text,"
        " user_id text, event text NOT NULL, received_at bigint NOT NULL, checksum bigint NOT NULL,"
        " PRIMARY KEY (tenant, sequence))",
        "CREATE UNIQUE INDEX events_by_key ON events (tenant, key) WHERE key IS NOT NULL",
        "CREATE INDEX events_by_user ON events (tenant, user_id)",
        "CREATE TABLE heads (tenant text PRIMARY KEY, last bigint NOT NULL)",
        "CREATE TABLE log (last bigint NOT NULL)",
        "INSERT INTO log VALUES (0)",
    ),
)
"""The statements that lead from each version of the schema to the next."""
SETTINGS = (
    "SET search_path TO penchant",
    "SET synchronous_commit TO on",  # whatever the server's default is: told means synced
    "SET lock_timeout TO '10s'",
    "SET jit TO off",  # statements are small and many
)
PATIENCE = {"connect_timeout": "5", "tcp_user_timeout": "10000", "keepalives_idle": "10"}
"""Seconds, milliseconds, seconds; what the URL says goes before."""
MIGRATING = 0x50656E63
"""The advisory lock of those who make or change the schema."""


class PostgresStore:
    """The tables behind a URL, "postgresql://user@host/database"; the schema is made if need be.

    Raises: MissingExtraError without psycopg; ConfigError for a URL that cannot be read; StoreUnavailableError if nobody answers;
    ArtifactError for a newer version.
    """

    def __init__(self, url: str) -> None:
        self._conninfo, self._shown = _conninfo(url), shown(url)
        self._mutex = threading.Lock()
        self._idle: list[psycopg.Connection[Any]] = []
        with self._our_words():
            self._writer = self._connect()
            _migrate(self._writer)

    @contextmanager
    def writing(self) -> Iterator[Tables]:
        """One transaction, alone among all processes: each waits for the row of `log`."""
        with self._mutex, self._our_words():
            self._revive()
            with self._writer.transaction():
                self._writer.execute("SELECT last FROM log FOR UPDATE")
                yield _tables(self._writer)

    @contextmanager
    def reading(self) -> Iterator[Tables]:
        """One unchanging view of what is committed."""
        import psycopg

        with self._our_words(), ExitStack() as broken:
            connection = broken.enter_context(closing(self._taken()))
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            with connection.transaction():
                yield _tables(connection)
            broken.pop_all()  # it works: the next reader takes it
        self._idle.append(connection)

    def scrub(self) -> None:
        """Lets the server reuse the room of deleted rows."""
        with self._mutex, self._our_words():
            self._revive()
            self._writer.execute("VACUUM events")

    def close(self) -> None:
        """Hangs up."""
        while self._idle:
            self._idle.pop().close()
        self._writer.close()

    def _taken(self) -> "psycopg.Connection[Any]":
        """One that is idle; another thread may take the last one between a look and a grasp."""
        with suppress(IndexError):
            return self._idle.pop()
        return self._connect()

    def _connect(self) -> "psycopg.Connection[Any]":
        import psycopg

        connection = psycopg.connect(self._conninfo, autocommit=True)
        for setting in SETTINGS:
            connection.execute(setting)
        return connection

    def _revive(self) -> None:
        """A connection that broke since its last turn is made anew; nothing was sent over it, so nothing is lost or doubled."""
        import psycopg

        try:
            self._writer.execute("SELECT 1")
        except psycopg.Error:
            self._writer.close()
            self._writer = self._connect()

    @contextmanager
    def _our_words(self) -> Iterator[None]:
        import psycopg

        try:
            yield
        except psycopg.errors.DiskFull as error:
            raise StoreFullError(f"The disk of {self._shown} is full. Make room, and send this again.") from error
        except psycopg.Error as error:
            raise StoreUnavailableError(f"{self._shown} cannot be used: {error}. Look at the server.") from error


def _conninfo(url: str) -> str:
    try:
        from psycopg.conninfo import conninfo_to_dict, make_conninfo
    except ImportError as error:
        raise MissingExtraError.of("psycopg", "postgres") from error
    import psycopg

    try:
        given = conninfo_to_dict(url)
        return make_conninfo(url, **{name: value for name, value in PATIENCE.items() if name not in given})
    except psycopg.Error:  # what it says may show the password
        raise ConfigError("This is no URL of a PostgreSQL database. Write postgresql://user@host/database.") from None


def _tables(connection: "psycopg.Connection[Any]") -> Tables:
    def execute(sql: str, values: Sequence[Any]) -> list[Any]:
        cursor = connection.execute(_with_marks(sql), values)
        return cursor.fetchall() if cursor.description else []

    def insert(rows: Sequence[Row]) -> None:
        with connection.cursor() as cursor, cursor.copy("COPY events FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        if rows and rows[-1].sequence.bit_length() > (rows[0].sequence - 1).bit_length() > 5:
            # The log has doubled. Of a young table the planner knows nothing until the server's own turn, and reads all of it.
            connection.execute("ANALYZE events")

    return Tables(execute, insert)


def _with_marks(sql: str) -> bytes:
    """The statement with the marks of psycopg."""
    return sql.replace("?", "%s").encode()


def _migrate(connection: "psycopg.Connection[Any]", migrations: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Brings the schema to the newest version, or leaves it as it was."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATING,))
        version = _version(connection)
        if version > len(migrations):
            raise ArtifactError(
                f"The event log is of version {version}, and this Penchant knows versions up to {len(migrations)}."
                " Open it with a newer Penchant."
            )
        for statement in [each for migration in migrations[version:] for each in migration]:
            connection.execute(statement.encode())
        connection.execute("UPDATE version SET version = %s", (len(migrations),))


def _version(connection: "psycopg.Connection[Any]") -> int:
    """0 where there was nothing yet."""
    if connection.execute("SELECT to_regclass('penchant.version')").fetchone() == (None,):
        connection.execute("CREATE SCHEMA IF NOT EXISTS penchant")
        connection.execute("CREATE TABLE version (version integer NOT NULL)")
        connection.execute("INSERT INTO version VALUES (0)")
    (version,) = connection.execute("SELECT version FROM version").fetchone() or (0,)
    return int(version)

"""Where a log is, in one word: a folder, or the URL of a PostgreSQL database."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from penchant.data.sql import is_url
from penchant.serving.events.durable import DurableLog, Store
from penchant.serving.events.group import MAX_BYTES, MAX_ROWS
from penchant.serving.events.postgres import PostgresStore
from penchant.serving.events.sqlite import SqliteReader, SqliteStore
from penchant.serving.events.tables import Tables


def open_log(where: str | Path, max_rows: int = MAX_ROWS, max_bytes: int = MAX_BYTES) -> DurableLog:
    """The log in a folder, which is made if need be, or behind a URL; at most so many rows and bytes wait to be committed.

    Raises: LockedError, ArtifactError, StoreUnavailableError, ConfigError, MissingExtraError, as the stores say.
    """
    return DurableLog(open_store(where), max_rows, max_bytes)


def open_store(where: str | Path) -> Store:
    """The tables alone, to be written."""
    return PostgresStore(str(where)) if is_url(str(where)) else SqliteStore(Path(where))


@contextmanager
def open_snapshot(where: str | Path) -> Iterator[Tables]:
    """The tables as they stand, to be read, also while a server writes them. Raises: ArtifactError where there are none."""
    store = PostgresStore(str(where)) if is_url(str(where)) else SqliteReader(Path(where))
    with closing(store), store.reading() as tables:
        yield tables

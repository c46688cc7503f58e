"""A log in one file, and back: of any store into any other. Each record is checked on its way; a damaged one stops it."""

import os
import shutil
import tempfile
from collections import deque
from contextlib import closing
from pathlib import Path

from penchant.records.errors import ArtifactError, ConfigError, DataError
from penchant.serving.events.durable import Store
from penchant.serving.events.plan import Plan
from penchant.serving.events.rows import REMEDY, checked
from penchant.serving.events.sqlite import PRIVATE, connect, migrate, our_words, transaction
from penchant.serving.events.tables import Tables
from penchant.serving.kept import sync


def write_backup(tables: Tables, path: Path) -> None:
    """One new SQLite file with all that the tables hold. It has its name only once it is whole and synced.

    Raises: ConfigError if there is something at `path`; ArtifactError for a damaged record; StoreUnavailableError.
    """
    if path.exists():
        raise ConfigError(f"There is something at {path} already. Give the backup another name.")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    os.close(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_TRUNC, PRIVATE))
    try:
        with our_words(), closing(connect(partial)) as connection:
            migrate(connection)
            with transaction(connection) as target:
                copy(tables, target)
        os.link(partial, path)  # unlike a rename, it never replaces what came there meanwhile
    finally:
        partial.unlink()
    sync(path.parent)


def restore(path: Path, store: Store) -> None:
    """Puts what a backup holds into an empty store, with its numbers; all of it, or nothing.

    Raises: DataError without a file there; ConfigError for a store that has had events; ArtifactError for a damaged backup.
    """
    if not path.is_file():
        raise DataError(f"There is no backup at {path}. Name a file that `penchant events backup` wrote.")
    with tempfile.TemporaryDirectory() as folder, our_words():
        own = Path(
            shutil.copy(path, folder)
        )  # an older version is brought up to date here, and the backup stays as it is
        with closing(connect(own)) as connection:
            migrate(connection)
            with transaction(connection) as source, store.writing() as target:
                if target.last():
                    raise ConfigError("There are events here already. Restore into a new folder or an empty database.")
                copy(source, target)


def copy(source: Tables, target: Tables) -> None:
    """All rows as they are, checked. Raises: ArtifactError for one that is damaged or missing."""
    last = source.last()
    for tenant, head in source.heads().items():
        after = 0
        for rows in source.chunks(tenant):
            deque(checked(rows, after, None), maxlen=0)
            after = rows[-1].sequence
            target.write(Plan(rows=rows, heads={tenant: after}, last=last, outcomes=[]))
        if after != head:
            raise ArtifactError(f"The event log ends at record {after} instead of {head}. {REMEDY}")
    target.write(Plan(rows=[], heads={}, last=last, outcomes=[]))

"""Who asked to be forgotten: keyed hashes, so that files which still name a person are read without that person.

The event log and the running model lose the person at once. What was written before (`data/`, the states of versions) keeps its
bytes until the next training; but nothing that is read from there gets past here.
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import polars as pl

from penchant.serving.events.log import Logged
from penchant.serving.kept import keep, kept

FILE = "forgotten.json"


class Forgotten:
    """In a file of a folder, made with the first person. The key is in the file: it keeps names from being read, not from
    being guessed one by one by who has the file."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        told: dict[str, Any] = kept(self._path) if self._path.exists() else {}
        self._key = bytes.fromhex(told.get("key", secrets.token_hex(16)))
        self._hashes: dict[str, int] = told.get("hashes", {})

    @property
    def newest(self) -> int:
        """The highest of the sequences, 0 if nobody was forgotten."""
        return max(self._hashes.values(), default=0)

    def add(self, user_id: str, sequence: int) -> None:
        """From now on, and after a crash. sequence: what the event log has never given yet; what has come in since is the
        person's again."""
        self._hashes[self._hash(user_id)] = sequence
        self._path.parent.mkdir(parents=True, exist_ok=True)
        keep(self._path, {"key": self._key.hex(), "hashes": self._hashes}, mode=0o600)

    def left(self, table: pl.DataFrame, log_sequence: int = 0) -> pl.DataFrame:
        """The rows of a table with `user_id` that are of others; log_sequence: up to where the log is in the table, without those
        who were forgotten by then."""
        hashes = {name for name, sequence in self._hashes.items() if sequence > log_sequence}
        if not hashes:
            return table
        gone = [person for person in table["user_id"].unique().to_list() if self._hash(person) in hashes]
        return table.filter(~pl.col("user_id").is_in(gone)) if gone else table

    def passed(self, rows: Iterable[Logged]) -> Iterator[Logged]:
        """Rows of a log, without those of people who were forgotten after them: a backup that was put back may hold them."""
        return (row for row in rows if not self._hashes or self._gone(row.event.get("user_id") or "") <= row.sequence)

    def _gone(self, user_id: str) -> int:
        return self._hashes.get(self._hash(user_id), 0)

    def _hash(self, user_id: str) -> str:
        return hashlib.blake2b(user_id.encode(), key=self._key, digest_size=16).hexdigest()

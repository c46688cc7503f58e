"""The audit log: `access/audit.jsonl`, one line for each refusal and each deed that matters, chained by keyed hashes.

Who (a key's id), what (a route's template), when, with which outcome. Never a key, a body, or an id of a person: ids and
addresses stand as keyed hashes. Whoever lacks `audit.key` can neither change a line nor guess an id; whoever has it can write
a whole new log, so keep the last hash that `verify` prints somewhere else.
"""

import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from penchant.records.errors import ArtifactError
from penchant.serving.access.private import FOLDER, alone, replace_file

START = "0" * 64
LONGEST = 8192
"""Bytes of a line, which are read back to find the last one."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many lines hold from the beginning, the hash of the last of these, and the first that doesn't (from 1)."""

    num_lines: int
    last: str
    broken: int | None = None
    reason: str = ""


class AuditLog:
    """Append-only; several processes may write."""

    def __init__(self, run: str | Path) -> None:
        folder = Path(run) / FOLDER
        self.path = folder / "audit.jsonl"
        self._key = _secret(folder / "audit.key")

    def write(self, who: str, what: str, outcome: str, ids: Mapping[str, str] | None = None) -> None:
        """One line, on disk when this returns; `ids` are hashed."""
        hashed = {name: self.pseudonym(value) for name, value in (ids or {}).items()}
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        row = {"at": at, "who": who[:200], "what": what[:200], "outcome": outcome[:200], "ids": hashed}
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            line, before = _last(handle)
            os.write(handle, self._sealed({"line": line + 1, "before": before, **row}))
            os.fsync(handle)
        finally:
            os.close(handle)

    def pseudonym(self, value: str) -> str:
        """Equal for equal ids, and of no use to whoever lacks the key: 24 hex digits."""
        return self._mac(b"id:" + value.encode("utf-8", "surrogatepass"))[:24]

    def verify(self, expected: str | None = None) -> Verdict:
        """Reads the log from the start to the first line that was changed, added, moved or taken out.

        Lines cut off at the end are missed only by who remembers the hash that stood there: give it as `expected`.
        """
        number, before, seen = 0, START, expected is None or expected == START
        for number, text in enumerate(self._lines(), 1):
            reason = self._fault(text, number, before)
            if reason:
                return Verdict(number - 1, before, number, reason)
            before = str(json.loads(text)["hash"])
            seen = seen or hmac.compare_digest(before, expected or "")
        return Verdict(number, before, None if seen else number + 1, "" if seen else "the expected hash is in no line")

    def _lines(self) -> list[bytes]:
        return self.path.read_bytes().splitlines() if self.path.exists() else []

    def _fault(self, text: bytes, number: int, before: str) -> str:
        try:
            row = json.loads(text)
            told = {name: value for name, value in row.items() if name != "hash"}
            if text + b"\n" != self._sealed(told):
                return "its hash does not fit what it says"
            fits = row["line"] == number and row["before"] == before
        except (ValueError, TypeError, AttributeError, KeyError):
            return "it is not a line of this log"
        return "" if fits else "a line before it is missing, or it was moved"

    def _sealed(self, row: dict[str, Any]) -> bytes:
        """ASCII on one line, whatever is in it: nobody's id can forge a second one or speak to a terminal."""
        told = json.dumps(row, ensure_ascii=True)
        return f'{told[:-1]}, "hash": "{self._mac(b"line:" + told.encode())}"}}\n'.encode()

    def _mac(self, value: bytes) -> str:
        return hmac.new(self._key, value, hashlib.sha256).hexdigest()


def _last(handle: int) -> tuple[int, str]:
    """Number and hash of the last line. Half a line at the end was never acknowledged, and goes."""
    size = os.fstat(handle).st_size
    tail = os.pread(handle, LONGEST, max(0, size - LONGEST))
    whole = tail[: tail.rfind(b"\n") + 1]
    if len(whole) < len(tail):
        os.ftruncate(handle, size - len(tail) + len(whole))
    if not whole:
        return 0, START
    try:
        row = json.loads(whole.splitlines()[-1])
        return int(row["line"]), str(row["hash"])
    except (ValueError, KeyError, TypeError) as error:
        raise ArtifactError(
            "The audit log's last line is damaged, so nothing can be chained to it. "
            "Keep access/audit.jsonl for whoever looks into it, and move it away: a new one begins."
        ) from error


def _secret(path: Path) -> bytes:
    """Made once; two processes that start together agree on one."""
    with alone(path.parent):
        if not path.exists():
            replace_file(path, secrets.token_bytes(32))
    return path.read_bytes()

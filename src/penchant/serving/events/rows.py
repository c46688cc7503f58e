"""What a store keeps of one event: text that any database takes, and what shows later that it is whole."""

import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from penchant.records.errors import ArtifactError, DataError
from penchant.serving.events.log import Logged

UNSTORABLE = re.compile("[\0\ud800-\udfff]")
REMEDY = "Stop the server, and restore a backup: penchant events restore."


class Draft(NamedTuple):
    """An event that is to be committed; `event` is canonical JSON, so equal contents are equal texts."""

    key: str | None
    user_id: str | None
    event: str


class Row(NamedTuple):
    """A committed event. `previous` is the sequence of the tenant's row before it, 0 for its first: a lost row shows."""

    tenant: str
    sequence: int
    previous: int
    key: str | None
    user_id: str | None
    event: str
    received_at: int
    checksum: int

    def linked(self, previous: int) -> "Row":
        """This row, behind another one; with the checksum that it has to have."""
        bare = self._replace(previous=previous, checksum=0)
        return bare._replace(checksum=zlib.crc32(repr(tuple(bare)).encode()))


def draft(event: Mapping[str, Any], key: str | None) -> Draft:
    """Raises: DataError for what no store can keep, as `EventLog.append` says.

    >>> draft({"user_id": "u1", "kind": "view"}, None).event
    '{"kind":"view","user_id":"u1"}'
    """
    user_id = event.get("user_id")
    for text in (key, user_id):
        if text is not None:
            check_text(text)
    try:
        told = json.dumps(event, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
        told.encode()
    except (TypeError, ValueError) as error:
        raise DataError(
            f"An event has to be plain JSON: {error}. Send text, finite numbers, lists and objects."
        ) from None
    return Draft(key, user_id, told)


def check_text(text: Any) -> None:
    """Raises: DataError unless it is text that SQLite and PostgreSQL both keep byte for byte."""
    if not isinstance(text, str) or UNSTORABLE.search(text):
        raise DataError(f"Ids, keys and tenants are Unicode text without NUL, found {text!r}. Send another one.")


def checked(rows: Sequence[Row], after: int, newest: int | None) -> Iterator[Logged]:
    """The rows of one tenant with sequences above `after`; `newest` is its last sequence where the rows should reach it.

    Raises: ArtifactError where a row is not as it was written, or one is missing.
    """
    before = after
    for number, row in enumerate(rows):
        if row.linked(row.previous).checksum != row.checksum:
            raise ArtifactError(f"Record {row.sequence} of the event log does not match its checksum. {REMEDY}")
        if row.previous != before if number else row.previous > after:
            raise ArtifactError(f"A record before number {row.sequence} is missing from the event log. {REMEDY}")
        before = row.sequence
        event = json.loads(row.event)
        yield Logged(sequence=row.sequence, tenant=row.tenant, event=event, received_at=row.received_at)
    if newest is not None and (before != newest if rows else newest > after):
        raise ArtifactError(f"The event log ends at record {before} instead of {newest}. {REMEDY}")

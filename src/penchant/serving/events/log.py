"""What every event log promises. How rows are kept, grouped and synced is each store's own matter."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MICROSECONDS = 1_000_000
"""Of a second, in `received_at`."""
OURS = "$"
"""What kinds begin with that the server alone writes; they are nobody's events."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Logged:
    """One committed event."""

    sequence: int  # order of commit, from 1, across tenants; never given twice, but erased ones leave gaps
    tenant: str
    event: dict[str, Any]  # the columns of `EVENT_COLUMNS` that were given, as JSON
    received_at: int  # microseconds since 1970 by this machine's clock: told, never used for order


class EventLog(ABC):
    """An append-only log of events of several tenants, shared by the threads of one process.

    No method shows one tenant anything of another. Every method raises StoreUnavailableError while the store cannot be
    reached or written, and works again, without a restart, once it can; reading raises ArtifactError where a record is
    damaged or missing, rather than giving it.
    """

    @abstractmethod
    def append(
        self, tenant: str, events: Sequence[Mapping[str, Any]], keys: Sequence[str | None]
    ) -> "Future[list[int]]":
        """Queues events, all or none of which are kept; `keys` holds an idempotency key, or None, for each of them.

        The future is done only after a commit that survives a crash; it gives the sequence of each event. An event whose
        key the tenant used before, with the same content, is not kept again: the old sequence comes back. So give events
        as the client sent them: a time that is filled in here would make another event of a retry; `received_at` is kept
        anyway. No events, no rows: the future is then done once everything queued before is committed or has failed.

        Raises at once: DataError for what is no JSON (NaN too), or text that cannot be stored (NUL in ids, half letters);
        QueueFullError when too much waits already. Raised by the future: ConflictError when a key was used for another
        content; StoreUnavailableError, where it is open whether the events were kept: send them again with the same keys.
        """

    @abstractmethod
    def read(self, tenant: str, after: int = 0, limit: int | None = None) -> Iterator[Logged]:
        """Committed events with sequences above `after`, in order. Goes on while others write; what they add may be included."""

    @abstractmethod
    def last(self, tenant: str) -> int:
        """The sequence of the tenant's newest event that is there, 0 without one."""

    @abstractmethod
    def counted(self, at_least: int = 0) -> int:
        """The last sequence that was given to anybody, also if that event is erased; what comes from now on is above `at_least`,
        for a log that takes the place of one that had come so far."""

    @abstractmethod
    def tenants(self) -> list[str]:
        """Who has events here, in order of name."""

    @abstractmethod
    def erase(self, tenant: str, user_id: str) -> int:
        """Removes all that was queued of a person, with its keys; gives the number of rows. What is retried later is new."""

    @abstractmethod
    def backup(self, path: Path) -> None:
        """Writes the log, as it stands after some commit, into one new file, while others may write. `restore` reads it back.

        Raises: ConfigError if there is something at `path` already.
        """

    @abstractmethod
    def close(self) -> None:
        """Commits what is queued, then lets go of everything. Closing twice does no harm."""

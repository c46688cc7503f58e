"""Group commit: one thread takes everything that waits and commits it at once, so many wait for one sync of the disk."""

import threading
from collections.abc import Callable, Sequence

from penchant.records.errors import QueueFullError, StoreUnavailableError
from penchant.serving.events.plan import Append, Outcome

MAX_ROWS, MAX_BYTES = 20_000, 64 << 20


class GroupCommit:
    """A bounded queue in front of `commit`, which gives an outcome for each append, or raises for all of them.

    The bound counts rows and bytes until they are committed. An append that is larger than the bound is let in alone.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[Append]], Sequence[Outcome]],
        max_rows: int = MAX_ROWS,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._commit, self._max_rows, self._max_bytes = commit, max_rows, max_bytes
        self._waiting: list[Append] = []
        self._rows = self._bytes = 0
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="event-log-writer", daemon=True)
        self._thread.start()

    def submit(self, append: Append) -> None:
        """Queues it; its future can't be cancelled from here on. Raises: QueueFullError, StoreUnavailableError once closed."""
        rows, size = len(append.drafts), append.size
        with self._changed:
            if self._closed:
                raise StoreUnavailableError("The event log is closed: the server stops. Send the events again later.")
            if rows and self._rows and (self._rows + rows > self._max_rows or self._bytes + size > self._max_bytes):
                raise QueueFullError(f"{self._rows} events wait to be written already. Send these again in a second.")
            append.future.set_running_or_notify_cancel()
            self._waiting.append(append)
            self._rows, self._bytes = self._rows + rows, self._bytes + size
            self._changed.notify()

    def close(self) -> None:
        """Commits what waits, and ends."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while group := self._next():
            self._settle(group)
            with self._changed:
                self._rows -= sum(len(append.drafts) for append in group)
                self._bytes -= sum(append.size for append in group)

    def _next(self) -> list[Append]:
        """Everything that waits, as soon as something does; nothing once closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            group, self._waiting = self._waiting, []
        return group

    def _settle(self, group: list[Append]) -> None:
        """Commits, and only then tells."""
        try:
            outcomes = self._commit(group)
        except Exception as error:  # whatever it was, they wait for an answer, and the next group has its own chance
            outcomes = [error] * len(group)
        for append, outcome in zip(group, outcomes, strict=True):
            if isinstance(outcome, Exception):
                append.future.set_exception(outcome)
            else:
                append.future.set_result(outcome)

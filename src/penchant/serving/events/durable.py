"""The event log over a store: group commits for those who write, checked rows for those who read."""

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from penchant.serving.events.group import MAX_BYTES, MAX_ROWS, GroupCommit
from penchant.serving.events.log import EventLog, Logged
from penchant.serving.events.plan import Append, Outcome, Plan, plan
from penchant.serving.events.rows import check_text, checked, draft
from penchant.serving.events.tables import CHUNK, Tables


class Store(Protocol):
    """Where the tables are. Every method may raise StoreUnavailableError, and works again once the store does."""

    def writing(self) -> AbstractContextManager[Tables]:
        """One transaction, alone; committed and synced when the block ends, undone when it raises."""

    def reading(self) -> AbstractContextManager[Tables]:
        """One unchanging view of what is committed. Others may write and read meanwhile."""

    def scrub(self) -> None:
        """Removes what deleted rows left behind, as far as it is the store's to remove."""

    def close(self) -> None:
        """Lets go of files and connections."""


class DurableLog(EventLog):
    """`EventLog` in whatever database the store is. At most `max_rows` and `max_bytes` wait to be committed."""

    def __init__(self, store: Store, max_rows: int = MAX_ROWS, max_bytes: int = MAX_BYTES) -> None:
        self._store = store
        self._group = GroupCommit(self._commit, max_rows, max_bytes)

    def append(
        self, tenant: str, events: Sequence[Mapping[str, Any]], keys: Sequence[str | None]
    ) -> "Future[list[int]]":
        check_text(tenant)
        drafts = [draft(event, key) for event, key in zip(events, keys, strict=True)]
        append = Append(tenant=tenant, drafts=drafts, received_at=time.time_ns() // 1000)
        self._group.submit(append)
        return append.future

    def read(self, tenant: str, after: int = 0, limit: int | None = None) -> Iterator[Logged]:
        while limit is None or limit > 0:
            asked = CHUNK if limit is None else min(limit, CHUNK)
            with self._store.reading() as tables:
                rows = tables.rows(tenant, after, asked)
                newest = tables.head(tenant) if len(rows) < asked else None
            yield from checked(rows, after, newest)
            if len(rows) < asked:
                return
            after, limit = rows[-1].sequence, None if limit is None else limit - asked

    def last(self, tenant: str) -> int:
        with self._store.reading() as tables:
            return tables.head(tenant)

    def counted(self, at_least: int = 0) -> int:
        with self._store.reading() as tables:
            last = tables.last()
        if last >= at_least:
            return last
        with self._store.writing() as tables:
            last = max(tables.last(), at_least)
            tables.write(Plan(rows=[], heads={}, last=last, outcomes=[]))
        return last

    def tenants(self) -> list[str]:
        with self._store.reading() as tables:
            return list(tables.heads())

    def erase(self, tenant: str, user_id: str) -> int:
        self.append(tenant, [], []).result()  # behind all that is queued
        with self._store.writing() as tables:
            num_erased = tables.erase(tenant, user_id)
        self._store.scrub()
        return num_erased

    def backup(self, path: Path) -> None:
        from penchant.serving.events.backup import write_backup

        with self._store.reading() as tables:
            write_backup(tables, path)

    def close(self) -> None:
        self._group.close()
        self._store.close()

    def _commit(self, appends: Sequence[Append]) -> Sequence[Outcome]:
        if not any(append.drafts for append in appends):
            return [[] for _ in appends]
        with self._store.writing() as tables:
            heads = {tenant: tables.head(tenant) for tenant in {append.tenant for append in appends}}
            planned = plan(appends, tables.last(), heads, tables.known(appends))
            tables.write(planned)
        return planned.outcomes

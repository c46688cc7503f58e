"""The three tables of a log, in the SQL that SQLite and PostgreSQL share. Transactions and connections are the stores'.

`events` has the rows, `heads` the last sequence of each tenant that has any, `log` (one row) the last sequence ever given.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from penchant.records.errors import ArtifactError
from penchant.serving.events.plan import Append, Known, Plan
from penchant.serving.events.rows import REMEDY, Row

KEYS = 500
"""Keys looked up by one statement."""
CHUNK = 1000
"""Rows read by one statement."""
USED = (
    "SELECT asked.tenant, asked.key, sequence, event FROM asked"
    " LEFT JOIN events ON events.tenant = asked.tenant AND events.key = asked.key"
)
HEAD = "INSERT INTO heads VALUES (?, ?) ON CONFLICT (tenant) DO UPDATE SET last = excluded.last"


class Tables:
    """The tables as one transaction sees them. `execute` runs a statement with "?" for values, and gives its rows; `insert` adds
    rows to `events`."""

    def __init__(
        self,
        execute: Callable[[str, Sequence[Any]], list[Any]],
        insert: Callable[[Sequence[Row]], Any],
    ) -> None:
        self._execute, self._insert = execute, insert

    def last(self) -> int:
        """The last sequence that was given to anybody."""
        return int(self._execute("SELECT last FROM log", ())[0][0])

    def head(self, tenant: str) -> int:
        """The tenant's last sequence, 0 without one. Raises: ArtifactError unless its last row has it."""
        sql = "SELECT (SELECT last FROM heads WHERE tenant = ?), (SELECT max(sequence) FROM events WHERE tenant = ?)"
        head, newest = self._execute(sql, (tenant, tenant))[0]
        if head != newest:
            raise ArtifactError(f"The event log ends at record {newest} instead of {head}. {REMEDY}")
        return int(head or 0)

    def heads(self) -> dict[str, int]:
        """The last sequence of each tenant that has events."""
        return dict(sorted(self._execute("SELECT tenant, last FROM heads", ())))

    def known(self, appends: Sequence[Append]) -> Known:
        """Those of the keys that were used before."""
        pairs = [(append.tenant, each.key) for append in appends for each in append.drafts if each.key is not None]
        return {
            (tenant, key): (sequence, event)
            for start in range(0, len(pairs), KEYS)
            for tenant, key, sequence, event in self._used(pairs[start : start + KEYS])
            if sequence is not None
        }

    def rows(self, tenant: str, after: int, limit: int) -> list[Row]:
        """The first rows above a sequence, in order."""
        found = self._execute(
            "SELECT * FROM events WHERE tenant = ? AND sequence > ? ORDER BY sequence LIMIT ?", (tenant, after, limit)
        )
        return [Row(*row) for row in found]

    def write(self, planned: Plan) -> None:
        """Inserts the rows, and moves the heads and the last sequence."""
        self._insert(planned.rows)
        for head in planned.heads.items():
            self._execute(HEAD, head)
        self._execute("UPDATE log SET last = ?", (planned.last,))

    def erase(self, tenant: str, user_id: str) -> int:
        """Deletes a person's rows, and links those that are left; gives how many are gone."""
        sql = "DELETE FROM events WHERE tenant = ? AND user_id = ? RETURNING sequence"
        erased = [int(row[0]) for row in self._execute(sql, (tenant, user_id))]
        for sequence in erased:
            self._link_over(tenant, sequence)
        return len(erased)

    def chunks(self, tenant: str, after: int = 0) -> Iterator[list[Row]]:
        """All rows above a sequence, some at a time."""
        while rows := self.rows(tenant, after, CHUNK):
            yield rows
            after = rows[-1].sequence

    def _used(self, pairs: Sequence[tuple[str, str]]) -> list[Any]:
        """A left join, since SQLite would rather read all of a tenant than look up many keys."""
        marks = ", ".join(["(?, ?)"] * len(pairs))
        sql = f"WITH asked (tenant, key) AS (VALUES {marks}) {USED}"
        return self._execute(sql, [value for pair in pairs for value in pair])

    def _link_over(self, tenant: str, sequence: int) -> None:
        """The row behind a gap is linked to the one before it; without one behind, that one is the tenant's head."""
        sql = "SELECT sequence FROM events WHERE tenant = ? AND sequence < ? ORDER BY sequence DESC LIMIT 1"
        found = self._execute(sql, (tenant, sequence))
        before = int(found[0][0]) if found else 0
        if behind := self.rows(tenant, sequence, 1):
            row = behind[0].linked(before)
            values = (row.previous, row.checksum, tenant, row.sequence)
            self._execute("UPDATE events SET previous = ?, checksum = ? WHERE tenant = ? AND sequence = ?", values)
        elif before:
            self._execute(HEAD, (tenant, before))
        else:
            self._execute("DELETE FROM heads WHERE tenant = ?", (tenant,))

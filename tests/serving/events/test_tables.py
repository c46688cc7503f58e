"""The statements against a real SQLite; what they do together is the contract suite's."""

import sqlite3
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import pytest

from penchant.records.errors import ArtifactError
from penchant.serving.events import tables as module
from penchant.serving.events.plan import Append, plan
from penchant.serving.events.rows import draft
from penchant.serving.events.sqlite import migrate
from penchant.serving.events.tables import Tables


class Asked(Tables):
    """Keeps how SQLite goes about each statement."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.plans: list[str] = []

        def execute(sql: str, values: Sequence[Any]) -> list[Any]:
            self.plans += [step[3] for step in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
            return connection.execute(sql, values).fetchall()

        super().__init__(execute, partial(connection.executemany, f"INSERT INTO events VALUES ({', '.join('?' * 8)})"))


@pytest.fixture
def tables() -> Iterator[Asked]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    yield Asked(connection)
    connection.close()


def append(*keys: str | None, tenant: str = "shop") -> Append:
    drafts = [draft({"user_id": f"u{n}"}, key) for n, key in enumerate(keys)]
    return Append(tenant=tenant, drafts=drafts, received_at=0)


def write(tables: Tables, *appends: Append) -> None:
    tables.write(plan(appends, tables.last(), tables.heads(), {}))


def test_known_keys_are_those_of_their_tenant_however_many_are_asked(tables: Asked) -> None:
    write(tables, append("k1", None), append("k2", tenant="other"))
    asked = append(*[f"k{n}" for n in range(3 * module.KEYS)])
    assert tables.known([asked]) == {("shop", "k1"): (1, '{"user_id":"u0"}')}
    assert set(tables.known([asked, append("k2", tenant="other")])) == {("shop", "k1"), ("other", "k2")}
    assert tables.known([append(None)]) == {}


def test_no_statement_reads_all_rows_of_a_tenant(tables: Asked) -> None:
    write(tables, append(*[f"k{n}" for n in range(50)]))
    tables.plans.clear()
    tables.known([append("k1", "k2", "k3")])
    tables.head("shop")
    tables.rows("shop", 7, 3)
    assert tables.erase("shop", "u3") == 1
    steps = [step for step in tables.plans if "events" in step]
    assert len(steps) >= 5
    searched = ("tenant=? AND key=?", "tenant=? AND user_id=?", "tenant=? AND sequence", "PRIMARY KEY (tenant=?)")
    assert all(step.startswith("SEARCH events USING") and any(how in step for how in searched) for step in steps)
    whole = [step for step in steps if step.endswith("PRIMARY KEY (tenant=?)")]
    assert len(whole) == 1  # max(sequence), which reads one row from the end


def test_a_head_that_lies_is_found(tables: Asked) -> None:
    write(tables, append(None, None))
    for head in (1, 3):
        tables._execute("UPDATE heads SET last = ?", (head,))
        with pytest.raises(ArtifactError, match=f"ends at record 2 instead of {head}"):
            tables.head("shop")
    tables._execute("DELETE FROM heads", ())
    with pytest.raises(ArtifactError, match="ends at record 2 instead of None"):
        tables.head("shop")

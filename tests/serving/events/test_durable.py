"""Any order of calls against a dict: two tenants, keys that are used again, people who are erased, restarts, backups."""

import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from penchant.records.errors import ConflictError
from penchant.serving.events.backup import restore
from penchant.serving.events.open import open_log, open_store

TENANTS = st.sampled_from(["a", "b", "b'; DROP TABLE events --"])
USERS = st.sampled_from(["u", "v", "用户"])
EVENTS = st.builds(
    lambda user, text, value: {"user_id": user, "text": text, "value": value},
    USERS,
    st.text(st.characters(exclude_categories=["Cs"]), max_size=3),
    st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False), st.integers()),
)
KEYS = st.one_of(st.none(), st.sampled_from(["k1", "k2", "k3"]))
MEMORY = Path("/dev/shm")
"""Syncs cost nothing there, and nothing here depends on them."""
Batch = list[tuple[dict[str, Any], str | None]]


class AnyOrder(RuleBasedStateMachine):
    """`rows`: tenant -> sequence -> (event, key), what has to be there."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        self.path = Path(self.folder.name)
        self.generation = 0
        self.log = open_log(self.where)
        self.last = 0
        self.rows: dict[str, dict[int, tuple[dict[str, Any], str | None]]] = {}

    @property
    def where(self) -> Path:
        return self.path / str(self.generation)

    @rule(tenant=TENANTS, batch=st.lists(st.tuples(EVENTS, KEYS), max_size=4))
    def append(self, tenant: str, batch: Batch) -> None:
        future = self.log.append(tenant, [event for event, _ in batch], [key for _, key in batch])
        expected = self.expected(tenant, batch)
        if expected is None:
            with pytest.raises(ConflictError):
                future.result(10)
        else:
            assert future.result(10) == expected

    def expected(self, tenant: str, batch: Batch) -> list[int] | None:
        """The sequences, or None for a conflict; the model has the rows then, or not."""
        rows = dict(self.rows.get(tenant, {}))
        last, told = self.last, []
        for event, key in batch:
            used = [number for number, (_, old) in rows.items() if key is not None and old == key]
            if used and not same(rows[used[0]][0], event):
                return None
            if not used:
                last += 1
                rows[last] = (event, key)
            told.append(used[0] if used else last)
        self.last = last
        self.rows[tenant] = rows
        return told

    @rule(tenant=TENANTS, user=USERS)
    def erase(self, tenant: str, user: str) -> None:
        own = self.rows.get(tenant, {})
        gone = [number for number, (event, _) in own.items() if event["user_id"] == user]
        assert self.log.erase(tenant, user) == len(gone)
        for number in gone:
            del own[number]

    @rule(tenant=TENANTS, after=st.integers(0, 20), limit=st.one_of(st.none(), st.integers(0, 5)))
    def read(self, tenant: str, after: int, limit: int | None) -> None:
        numbers = [number for number in sorted(self.rows.get(tenant, {})) if number > after]
        assert [row.sequence for row in self.log.read(tenant, after, limit)] == numbers[:limit]

    @rule()
    def restart(self) -> None:
        self.log.close()
        self.log = open_log(self.where)

    @rule()
    def back_up_and_restore(self) -> None:
        self.generation += 1
        self.log.backup(self.path / f"{self.generation}.db")
        self.log.close()
        with closing(open_store(self.where)) as store:
            restore(self.path / f"{self.generation}.db", store)
        self.log = open_log(self.where)

    @invariant()
    def each_tenant_has_its_own_and_nothing_else(self) -> None:
        assert self.log.tenants() == sorted(tenant for tenant, rows in self.rows.items() if rows)
        for tenant in self.rows:
            rows = self.rows[tenant]
            found = {row.sequence: row.event for row in self.log.read(tenant)}
            assert found == {number: event for number, (event, _) in rows.items()}
            assert self.log.last(tenant) == max(rows, default=0)

    def teardown(self) -> None:
        self.log.close()
        self.folder.cleanup()


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """As JSON tells them apart: 0.0, -0.0 and 0 are three values."""
    return repr(one) == repr(other)


def run(examples: int) -> None:
    limits = settings(max_examples=examples, stateful_step_count=25, deadline=None, derandomize=True, database=None,
                      suppress_health_check=list(HealthCheck))  # fmt: skip
    run_state_machine_as_test(AnyOrder, settings=limits)


def test_any_order_of_calls_gives_what_a_dict_gives() -> None:
    run(10)


@pytest.mark.slow
def test_any_of_many_orders_of_calls_gives_what_a_dict_gives() -> None:
    run(300)


def test_a_log_that_takes_the_place_of_another_goes_on_above_it(tmp_path: Path) -> None:
    with closing(open_log(tmp_path)) as log:
        assert (log.counted(), log.counted(7), log.counted(3)) == (0, 7, 7)
        assert log.append("a", [{"user_id": "u"}], [None]).result(10) == [8]
        assert log.erase("a", "u") == 1
        assert (log.last("a"), log.counted()) == (0, 8)
    with closing(open_log(tmp_path)) as log:
        assert log.counted() == 8

"""PostgreSQL for real: a server that the tests start, kill and start again."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from contracts.event_log_contract import EventLogContract, kept, view
from penchant.records.errors import ArtifactError, ConfigError, StoreUnavailableError
from penchant.serving.events.backup import restore
from penchant.serving.events.open import open_log, open_snapshot, open_store
from penchant.serving.events.postgres import MIGRATIONS, _migrate
from postgres_server import Server, running_server

pytestmark = pytest.mark.postgres
WRITER = Path(__file__).parents[2] / "contracts" / "event_log_writer.py"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_server("-c synchronous_commit=off") as server:  # the log has to ask for better
        yield server


@pytest.fixture
def where(server: Server) -> str:
    with psycopg.connect(server.url) as connection:
        connection.execute("DROP SCHEMA IF EXISTS penchant CASCADE")
    return server.url


class TestPostgresLog(EventLogContract):
    pass


def test_a_server_killed_under_load_loses_nothing_acknowledged(server: Server, where: str) -> None:
    with subprocess.Popen([sys.executable, WRITER, where, "4", "0"], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline()]
        for _ in range(2):
            time.sleep(0.3)
            server.stop()
            server.start()
            began = time.monotonic()
            lines += [writer.stdout.readline() for _ in range(50)]
            assert time.monotonic() - began < 10
        writer.kill()
        lines += list(writer.stdout)
    told = {key: int(sequence) for key, sequence in (line.split() for line in lines if line.endswith("\n"))}
    with closing(open_log(where)) as log:
        found = {row.event["item_id"]: row.sequence for row in log.read("shop")}
        assert log.last("shop") == len(found)  # each key once, no number without an event
    assert len(told) > 100
    assert {key: found.get(key) for key in told} == told


def test_while_the_server_is_away_both_ways_say_so_and_then_go_on(server: Server, where: str) -> None:
    with closing(open_log(where)) as log:
        log.append("shop", [view("u", "i")], ["k"]).result()
        list(log.read("shop"))
        server.stop()
        try:
            for _ in range(2):
                with pytest.raises(
                    StoreUnavailableError, match=r"postgresql://postgres:\*\*\*@.* cannot be used"
                ) as away:
                    log.append("shop", [view("u", "j")], ["k2"]).result()
                assert away.value.retry_after > 0
                with pytest.raises(StoreUnavailableError):
                    list(log.read("shop"))
                with pytest.raises(StoreUnavailableError):
                    log.erase("shop", "u")
        finally:
            server.start()
        assert log.append("shop", [view("u", "j"), view("u", "i")], ["k2", "k"]).result() == [2, 1]
        assert [sequence for sequence, _ in kept(log, "shop")] == [1, 2]


def test_several_processes_take_turns(where: str) -> None:
    writers = [subprocess.Popen([sys.executable, WRITER, where, "3", str(n * 1_000_000)], stdout=subprocess.PIPE, text=True)
               for n in range(2)]  # fmt: skip
    told = []
    for writer in writers:
        assert writer.stdout is not None
        told += [writer.stdout.readline() for _ in range(60)]
    for writer in writers:
        writer.kill()
        told += list(writer.stdout or [])
        writer.wait()
        assert writer.stdout is not None
        writer.stdout.close()
    with closing(open_log(where)) as log:
        found = {row.event["item_id"]: row.sequence for row in log.read("shop")}
        assert log.last("shop") == len(found)
    pairs = dict(line.split() for line in told if line.endswith("\n"))
    assert {key: str(found[key]) for key in pairs} == pairs
    assert {int(key.split("-")[1]) // 1_000_000 for key in pairs} == {0, 1}


def test_a_backup_goes_into_any_store(where: str, tmp_path: Path) -> None:
    with closing(open_log(where)) as log:
        log.append(
            "a", [view("u", f"i{n}") for n in range(1200)] + [view("gone", "i")], [f"k{n}" for n in range(1201)]
        ).result()
        log.append("b", [view("u", "用户")], ["k0"]).result()
        log.erase("a", "gone")
        log.backup(tmp_path / "backup.db")
        expected = {tenant: list(log.read(tenant)) for tenant in log.tenants()}
    with closing(open_store(where)) as store, pytest.raises(ConfigError, match="events here already"):
        restore(tmp_path / "backup.db", store)
    with psycopg.connect(where) as connection:
        connection.execute("DROP SCHEMA penchant CASCADE")
    for target in (where, tmp_path / "events"):
        with closing(open_store(target)) as store:
            restore(tmp_path / "backup.db", store)
        with closing(open_log(target)) as log:
            assert {tenant: list(log.read(tenant)) for tenant in log.tenants()} == expected
            assert log.append("a", [view("u", "i7"), view("u", "new")], ["k7", None]).result() == [8, 1203]


def test_a_snapshot_stays_as_it_was(where: str) -> None:
    with closing(open_log(where)) as log:
        log.append("shop", [view("u", "i")], [None]).result()
        with open_snapshot(where) as tables:
            assert tables.heads() == {"shop": 1}
            log.append("shop", [view("u", "i")], [None]).result()
            assert tables.heads() == {"shop": 1}


def test_a_changed_row_is_found(where: str) -> None:
    with closing(open_log(where)) as log:
        log.append("shop", [view("u", f"i{n}") for n in range(3)], [None] * 3).result()
        with psycopg.connect(where) as connection:
            connection.execute("UPDATE penchant.events SET event = replace(event, 'i1', 'i9')")
        with pytest.raises(ArtifactError, match="Record 2 of the event log does not match"):
            list(log.read("shop"))


def test_migrations_are_whole_and_a_newer_version_is_refused(where: str) -> None:
    more = (*MIGRATIONS, ("ALTER TABLE log ADD COLUMN note text",))
    open_log(where).close()
    with psycopg.connect(where, autocommit=True) as connection:
        connection.execute("SET search_path TO penchant")
        with pytest.raises(psycopg.Error):
            _migrate(connection, (*more, ("UPDATE absent SET x = 1",)))
        assert connection.execute("SELECT * FROM log").fetchone() == (0,)
        _migrate(connection, more)
        _migrate(connection, more)
        assert connection.execute("SELECT * FROM log").fetchone() == (0, None)
    with pytest.raises(ArtifactError, match="of version 2, and this Penchant knows versions up to 1"):
        open_log(where)

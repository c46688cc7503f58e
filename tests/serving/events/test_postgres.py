"""PostgreSQL for real: a server that the tests start, kill and start again."""

from collections.abc import Iterator

import psycopg
import pytest

from contracts.event_log_contract import EventLogContract
from postgres_server import Server, running_server

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture
def where(server: Server) -> str:
    with psycopg.connect(server.url) as connection:
        connection.execute("DROP SCHEMA IF EXISTS penchant CASCADE")
    return server.url


class TestPostgresLog(EventLogContract):
    pass

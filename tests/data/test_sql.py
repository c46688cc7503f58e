"""Databases for real: SQLite files, and a PostgreSQL server that the tests start and stop."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from penchant.data.frames import to_polars
from penchant.data.sql import ROWS, read_sql
from penchant.records.errors import DataError, MissingExtraError
from postgres_server import SECRET, running_server

QUOTED = "s3cret%23%2Fpass%20word"


def database(path: Path, *statements: str) -> str:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return f"sqlite:///{path}"


@pytest.fixture
def shop(tmp_path: Path) -> str:
    return database(
        tmp_path / "shop.db",
        "create table ratings (user_id text, item_id integer, rating real, at timestamp)",
        "insert into ratings values ('007', 7, 4.5, '2020-01-02'), ('NA', 8, null, null), ('用户', 9, 5, '2020-01-03')",
        "create view liked as select * from ratings where rating > 4.6",
        'create table "odd name; drop table ratings" (a)',
    )


def test_a_table_of_sqlite_is_read_with_its_ids_as_they_are(shop: str) -> None:
    frame, kind = to_polars(f"{shop}#ratings")
    assert kind == "polars"
    assert frame.rows() == [
        ("007", 7, 4.5, "2020-01-02"),
        ("NA", 8, None, None),
        ("用户", 9, 5.0, "2020-01-03"),
    ]


def test_views_are_read_and_odd_names_are_names(shop: str) -> None:
    assert read_sql(f"{shop}#liked").frame["user_id"].to_list() == ["用户"]
    assert read_sql(f"{shop}#odd%20name%3B%20drop%20table%20ratings").frame.columns == ["a"]
    assert read_sql(f"{shop}#ratings").rows_in == 3


@pytest.mark.parametrize(
    ("fragment", "rule"),
    [
        ("#rating", r"has no table or view 'rating'\. Did you mean 'ratings'\? Known: liked, odd name.*#<table>"),
        ("#ratings where 1=1", "has no table or view"),
        ("#ratings; drop table ratings", "has no table or view"),
        ("#main.rating", r"has no table or view 'main\.rating'\. Did you mean 'main\.ratings'"),
        ("", "its URL names none behind a '#'"),
        ("#", "its URL names none behind a '#'"),
    ],
)
def test_tables_are_looked_up_and_never_pasted_into_sql(shop: str, fragment: str, rule: str) -> None:
    with pytest.raises(DataError, match=rule):
        read_sql(shop + fragment)
    assert read_sql(f"{shop}#main.ratings").frame.height == 3


def test_columns_of_several_types_and_bytes_are_text(tmp_path: Path) -> None:
    url = database(
        tmp_path / "a.db", "create table t (id)", "insert into t values (7), ('007'), (2.5), (x'e794b2'), (x'ff')"
    )
    assert read_sql(f"{url}#t").frame["id"].to_list() == ["7", "007", "2.5", "甲", "ff"]


def test_rows_come_in_parts_whatever_types_each_part_has(tmp_path: Path) -> None:
    url = database(tmp_path / "a.db", "create table t (id, note)")
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.executemany("insert into t values (?, ?)", ((n, None) for n in range(ROWS + 1)))
        connection.execute("insert into t values ('x', 'late')")
        connection.commit()
    frame = read_sql(f"{url}#t").frame
    assert frame["id"].to_list() == [*map(str, range(ROWS + 1)), "x"]
    assert frame["note"].to_list()[-1] == "late"
    assert read_sql(database(tmp_path / "b.db", "create table t (id)") + "#t").frame.columns == ["id"]


def test_reading_changes_nothing_and_makes_no_file(tmp_path: Path, shop: str) -> None:
    path = tmp_path / "shop.db"
    before = (path.read_bytes(), sorted(tmp_path.iterdir()))
    read_sql(f"{shop}#ratings")
    with pytest.raises(DataError, match=r"There is no file .*gone\.db"):
        read_sql(f"sqlite:///{tmp_path}/gone.db#ratings")
    assert (path.read_bytes(), sorted(tmp_path.iterdir())) == before


def test_what_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text("user,item\n")
    rules = {
        f"sqlite:///{tmp_path}/a.db#t": "file is not a database",
        f"sqlite:///{database(tmp_path / 'empty.db')[10:]}#t": "has no tables",
        "sqlite://#t": "is a folder of no known data set",
        "https://example.org/a.csv": "an address, and only files and databases are read. Download it",
        "s3://bucket/a.parquet": "an address",
        "nosuch://host/db#t": "nosuch",
        "mysql://me:hunter2@host/db#t": "Reading mysql://me:.*@host/db needs `MySQLdb`, which is not installed",
        "://me:hunter2@": "This is no URL of a database",
        "postgresql://me:hunter2@host:port/db#t": "This is no URL of a database",
    }
    for url, rule in rules.items():
        with pytest.raises(DataError, match=rule) as error:
            read_sql(url)
        assert "hunter2" not in str(error.value)


def test_a_missing_driver_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match=r"`psycopg`.*penchant\[postgres\]"):
        read_sql("postgresql://host/db#t")


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with running_server("-c fsync=off") as server:
        yield server.url


@pytest.fixture(scope="module")
def filled(postgres: str) -> str:
    import psycopg

    with psycopg.connect(postgres) as connection:
        connection.execute(
            "create table ratings (user_id text, item_id bigint, stars numeric(3,1), at timestamptz, tags text[],"
            " more jsonb, key uuid)"
        )
        connection.execute(
            "insert into ratings values"
            " ('007', 9007199254740993, 4.5, '2020-01-02 08:00+08', '{a,b}', '{\"x\": [1]}',"
            " '00000000-0000-0000-0000-000000000007'),"
            " ('NA', 8, null, null, null, null, null)"
        )
        connection.execute("create view liked as select user_id from ratings where stars > 4")
        connection.execute("create materialized view kept as select user_id from ratings")
        connection.execute('create schema "Other"')
        connection.execute('create table "Other"."Odd; drop table ratings" (a text)')
        connection.execute("create table many as select n::text as id from generate_series(1, 120000) n")
    return postgres


@pytest.mark.postgres
def test_a_table_of_postgresql_is_read_with_exact_ids(filled: str) -> None:
    table = read_sql(f"{filled}#ratings")
    frame = table.frame.with_columns(pl.col("at").dt.epoch("s"))
    assert frame.row(0) == (
        "007", 9007199254740993, "4.5", 1577923200, ["a", "b"], '{"x": [1]}', "00000000-0000-0000-0000-000000000007"
    )  # fmt: skip
    assert frame.row(1) == ("NA", 8, *[None] * 5)


@pytest.mark.postgres
def test_views_and_schemas_of_postgresql(filled: str) -> None:
    assert read_sql(f"{filled}#liked").frame.rows() == [("007",)]
    assert read_sql(f"{filled}#kept").frame.height == 2
    assert read_sql(f"{filled}#public.ratings").frame.height == 2
    assert read_sql(f"{filled}#Other.Odd%3B%20drop%20table%20ratings").frame.columns == ["a"]
    with pytest.raises(DataError, match="Did you mean 'ratings'"):
        read_sql(f"{filled}#ratngs")
    with pytest.raises(DataError, match="has no table or view"):
        read_sql(f"{filled}#ratings; drop table ratings")


@pytest.mark.postgres
def test_rows_of_postgresql_are_streamed(filled: str) -> None:
    assert read_sql(f"{filled}#many").frame["id"].to_list() == [str(n) for n in range(1, 120_001)]


@pytest.mark.postgres
def test_no_password_shows_whatever_goes_wrong(filled: str) -> None:
    host = filled.partition("host=")[2]
    wrong = [
        (f"{filled}#nosuch", "has no table"),
        (filled.replace("s3cret", "wrong") + "#ratings", "password authentication failed"),
        (f"postgresql://postgres:{QUOTED}@/nosuch?host={host}#ratings", "does not exist"),
        (f"postgresql://postgres@/postgres?host={host}/nowhere&password={QUOTED}#ratings", "cannot be read"),
        (f"postgresql://postgres:{QUOTED}@/postgres?host={host}&{QUOTED}=1#ratings", "cannot be read"),
    ]
    for url, rule in wrong:
        with pytest.raises(DataError, match=rule) as error:
            read_sql(url)
        for secret in (SECRET, QUOTED, "wrong%23", "wrong#"):
            assert secret not in str(error.value)
        assert error.value.__cause__ is None

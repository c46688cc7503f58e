"""A table or view of a database, named by a SQLAlchemy URL with the table behind a "#" -> a table.

Only reads: in one pass, some thousand rows at a time. Passwords never show in an error or a note.
"""

import datetime as dt
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import polars as pl

from penchant.data.cells import column, stacked
from penchant.data.contents import check_regular
from penchant.data.tables import Table
from penchant.records.errors import DataError, MissingExtraError, suggestion

ROWS = 50_000
"""Rows fetched at once."""
PLAIN = (str, int, float, list, dict, dt.date)
SECRET = ("pass", "pwd", "secret", "token", "key")
NO_DATABASES = ("http", "https", "ftp", "file", "s3", "gs", "az", "hf")


def is_url(table: str) -> bool:
    """Whether a text names something by its URL rather than by its path."""
    return "://" in table


def shown(text: str) -> str:
    """A path as it is; a URL without its password and its options, for whatever is printed or written.

    >>> shown("postgresql://me:secret@host/shop?sslpassword=x#ratings"), shown("a.csv")
    ('postgresql://me:***@host/shop#ratings', 'a.csv')
    """
    if not is_url(text):
        return text
    import sqlalchemy

    address, mark, fragment = text.rpartition("#") if "#" in text else (text, "", "")
    if "@" in fragment:  # the "#" stands in a password that should have been quoted
        address = ""
    try:
        return _shown(sqlalchemy.make_url(address)) + mark + fragment
    except (sqlalchemy.exc.ArgumentError, ValueError):
        return "a URL that cannot be read (not shown, it may hold a password)"


def _shown(url: Any) -> str:
    return str(url.set(query={}).render_as_string(hide_password=True))


def read_sql(text: str) -> Table:
    """The table that a URL such as "sqlite:///shop.db#ratings" or "postgresql://user@host/shop#public.ratings" names.

    Raises DataError where there is no such database, or no such table or view in it; MissingExtraError without a driver.
    """
    address, _, fragment = text.rpartition("#") if "#" in text else (text, "", "")
    if address.partition("://")[0] in NO_DATABASES:
        raise DataError(
            f"{address} is an address, and only files and databases are read. Download it and name the file."
        )
    import sqlalchemy

    try:
        url = sqlalchemy.make_url(address)
    except (sqlalchemy.exc.ArgumentError, ValueError):
        raise DataError(
            "This is no URL of a database (not shown, it may hold a password). Write it like "
            "sqlite:///shop.db#ratings or postgresql://user:password@host/shop#ratings."
        ) from None
    place = _shown(url)
    try:
        with _engine(url, place).connect() as connection:
            name, schema = _table(sqlalchemy.inspect(connection), unquote(fragment), place)
            return Table(frame=_frame(connection, name, schema))
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise DataError(
            _without_secrets(f"{place} cannot be read: {getattr(error, 'orig', None) or error}", url)
        ) from None


def _engine(url: Any, place: str) -> Any:
    import sqlalchemy

    backend = url.get_backend_name()
    options: dict[str, Any] = {"poolclass": sqlalchemy.NullPool}
    if backend == "sqlite":
        path = Path(url.database or "")
        check_regular(path)
        options["creator"] = partial(sqlite3.connect, f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    try:
        return sqlalchemy.create_engine(url, **options)
    except ModuleNotFoundError as error:
        if backend == "postgresql":
            raise MissingExtraError.of(str(error.name), "postgres") from error
        raise DataError(
            f"Reading {place} needs `{error.name}`, which is not installed. Install it with pip."
        ) from error


def _table(inspector: Any, wanted: str, place: str) -> tuple[str, str | None]:
    """Name and schema of the table or view, as the database itself has them. Raises DataError with the nearest name."""
    known = _names(inspector, None)
    if wanted in known:
        return wanted, None
    schema, _, name = wanted.partition(".")
    if name and schema in inspector.get_schema_names() and name in (others := _names(inspector, schema)):
        return name, schema
    if name and schema in inspector.get_schema_names():
        known = {f"{schema}.{other}" for other in others}
    if not known:
        raise DataError(f"{place} has no tables. Name another database.")
    rule = f"has no table or view {wanted!r}" if wanted else "has several tables, and its URL names none behind a '#'"
    raise DataError(f"{place} {rule}. {suggestion(wanted, known)} Write {place}#<table>.")


def _names(inspector: Any, schema: str | None) -> set[str]:
    return {*inspector.get_table_names(schema), *inspector.get_view_names(schema)} | _materialized(inspector, schema)


def _materialized(inspector: Any, schema: str | None) -> set[str]:
    try:
        return set(inspector.get_materialized_view_names(schema))
    except NotImplementedError:
        return set()


def _frame(connection: Any, name: str, schema: str | None) -> pl.DataFrame:
    from sqlalchemy import literal_column, select, table
    from sqlalchemy.sql import quoted_name

    source = table(quoted_name(name, quote=True), schema=schema and quoted_name(schema, quote=True))
    result = connection.execution_options(stream_results=True, max_row_buffer=ROWS).execute(
        select(literal_column("*")).select_from(source)
    )
    names = list(result.keys())
    return stacked([pl.DataFrame(schema=dict.fromkeys(names, pl.Null)), *_parts(result, names)])


def _parts(result: Any, names: list[str]) -> Iterator[pl.DataFrame]:
    for rows in result.partitions(ROWS):
        columns = zip(names, zip(*rows, strict=True), strict=True)
        yield pl.DataFrame([column(name, [_value(value) for value in values]) for name, values in columns])


def _value(value: Any) -> Any:
    """What columns hold: decimals, UUIDs and the like become exact text, bytes are text in UTF-8 or hexadecimal."""
    if value is None or isinstance(value, PLAIN):
        return value
    if isinstance(value, bytes | memoryview):
        raw = bytes(value)
        try:
            return raw.decode()
        except UnicodeDecodeError:
            return raw.hex()
    return str(value)


def _without_secrets(message: str, url: Any) -> str:
    hidden = [str(value) for key, value in url.query.items() if any(word in key.lower() for word in SECRET)]
    for secret in filter(None, (url.password, *hidden)):
        message = message.replace(str(secret), "***")
    return message

"""What is written is what is read: ids of any letters, through every format, by properties rather than examples."""

import csv as python
import io
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penchant.data.files import read_table
from penchant.data.frames import to_table
from penchant.data.tables import Table
from penchant.records.errors import DataError

TRICKY = st.sampled_from(
    ["007", "NA", "null", "nan", "None", "1e5", "1.0", "true", "2020-01-01", '"', '""', ",", ";", "|", "\t", "\n", "\r\n", "\r",
     " ", " a ", "'", "\\", "=1+1", "\ufeff", "\ufffd", "\0", "#", "_x0041_", "{", "[", "\u2028", "\x85",
     "12345678901234567890123"]
)  # fmt: skip
LETTERS = st.characters(exclude_categories=["Cs"])
IDS = st.one_of(TRICKY, st.text(LETTERS, min_size=1, max_size=8), st.lists(TRICKY, min_size=1, max_size=3).map("".join))
ROWS = st.lists(st.tuples(IDS, IDS), min_size=1, max_size=8)
MANY = settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FEW = settings(MANY, max_examples=100)
Rows = list[tuple[str, str]]


def frame_of(rows: Rows) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["user_id", "item_id"], orient="row")


def csv(rows: Rows, path: Path) -> object:
    frame_of(rows).write_csv(path, quote_style="non_numeric")
    return path


def minimal(rows: Rows, path: Path) -> object:
    """Quotes only where Python's own writer finds them needed."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        python.writer(stream).writerows([("user_id", "item_id"), *rows])
    return path


def tsv(rows: Rows, path: Path) -> object:
    frame_of(rows).write_csv(path, separator="\t", quote_style="always")
    return path


def jsonl(rows: Rows, path: Path) -> object:
    """As Python writes it: all letters beyond ASCII as escapes."""
    path.write_text("".join(json.dumps(dict(zip(("user_id", "item_id"), row, strict=True))) + "\n" for row in rows))
    return path


def array(rows: Rows, path: Path) -> object:
    path.write_bytes(json.dumps(frame_of(rows).to_dicts(), ensure_ascii=False, indent=1).encode())
    return path


def parquet(rows: Rows, path: Path) -> object:
    frame_of(rows).write_parquet(path)
    return path


def sqlite(rows: Rows, path: Path) -> object:
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma synchronous = off")
        connection.execute("create table events (user_id text, item_id text)")
        connection.executemany("insert into events values (?, ?)", rows)
        connection.commit()
    return f"sqlite:///{quote(str(path))}#events"


def excel(rows: Rows, path: Path) -> object:
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    for number, row in enumerate([("user_id", "item_id"), *rows]):
        for place, cell in enumerate(row):
            sheet.write_string(number, place, cell)
    book.close()
    return path


WRITERS: dict[str, Callable[[Rows, Path], object]] = {
    "csv": csv, "min.csv": minimal, "tsv": tsv, "jsonl": jsonl, "json": array, "parquet": parquet, "db": sqlite
}  # fmt: skip


def kept(rows: Rows, write: Callable[[Rows, Path], object], path: Path) -> Table:
    table, _ = to_table(write(rows, path))
    assert table.frame.rows() == rows
    assert table.rows_in == len(rows)
    return table


@pytest.mark.parametrize("kind", WRITERS)
@given(rows=ROWS)
@MANY
def test_ids_of_any_letters_survive(tmp_path: Path, kind: str, rows: Rows) -> None:
    kept(rows, WRITERS[kind], tmp_path / f"events.{kind}")


@given(
    rows=st.lists(
        st.tuples(st.text(LETTERS.filter(lambda x: x >= " " and x not in "\ufffe\uffff"), min_size=1), IDS), max_size=8
    )
)
@FEW
def test_ids_that_a_sheet_can_hold_survive_excel(tmp_path: Path, rows: Rows) -> None:
    rows = [(user, "".join(x for x in item if x not in "\r\ufffe\uffff") or "x") for user, item in rows]
    kept(rows, excel, tmp_path / "events.xlsx")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "gb18030"])
@given(rows=ROWS)
@FEW
def test_ids_survive_encodings_that_name_themselves_or_are_chinese(tmp_path: Path, encoding: str, rows: Rows) -> None:
    rows = [("用户编号甲", "这本书非常好看"), *rows] if encoding == "gb18030" else rows
    rows = [(user.replace("\0", "0"), item.replace("\0", "0")) for user, item in rows]
    if encoding == "gb18030":
        rows = [
            tuple("".join(x for x in cell if x < "\x80" or "一" <= x <= "龥") + "中" for cell in row) for row in rows
        ]  # type: ignore[misc]
    path = tmp_path / "events.csv"
    path.write_bytes(frame_of(rows).write_csv(quote_style="always").encode(encoding))
    assert read_table(path).frame.rows() == rows


@given(
    content=st.binary(max_size=400),
    suffix=st.sampled_from([".csv", ".tsv", ".jsonl", ".json", ".parquet", ".xlsx", ".ods", ".csv.gz", ".zip"]),
)
@MANY
def test_any_bytes_give_a_table_or_our_error(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    try:
        table = read_table(path)
    except DataError:
        return
    assert table.rows_in == table.frame.height + table.rejected


LINES = st.lists(
    st.sampled_from(["a,b", "a,b,c", "a", "", ",", ",,", '"a', 'a"b,c', '"a,b"', '"a\nb",c', "  ", "é,ß", "甲,乙",
         '"a",b', "0,1", "\0,x"]),
    max_size=12,
)  # fmt: skip


@given(lines=LINES, end=st.sampled_from(["\n", "\r\n", "\r"]), encoding=st.sampled_from(["utf-8", "gb18030", "utf-16"]))
@MANY
def test_rows_in_are_rows_kept_and_rows_rejected(tmp_path: Path, lines: list[str], end: str, encoding: str) -> None:
    """Against Python's own reader, where both take the text for a table."""
    path = tmp_path / "a.csv"
    chinese = ["用户编号甲,这本书非常好看"] if encoding == "gb18030" else []
    content = end.join(["user,item", *chinese, *lines]) + end
    try:
        path.write_bytes(content.encode(encoding))
        table = read_table(path)
    except (DataError, UnicodeEncodeError):
        return
    rows = [row for row in python.reader(io.StringIO(content, newline="")) if row][1:]
    assert table.rows_in == len(rows)
    expected = [[*row, ""][:2] for row in rows if len(row) == 2 or ("".join(row).strip() and not any(row[2:]))]
    assert [[cell or "" for cell in row] for row in table.frame.rows()] == expected

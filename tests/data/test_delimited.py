import time
from pathlib import Path

import pytest

from penchant.data.files import read_table
from penchant.data.parsing import BLOCK
from penchant.data.tables import Table
from penchant.records.errors import DataError


def read(tmp_path: Path, content: str | bytes, name: str = "a.csv") -> Table:
    (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return read_table(tmp_path / name)


def test_cells_are_kept_byte_for_byte_and_empty_ones_are_null(tmp_path: Path) -> None:
    table = read(tmp_path, 'user,item\n007,NA\n1e3,""\n"null",\n nan ,"a ""b"", c\r\nd"\n')
    assert table.frame.rows() == [("007", "NA"), ("1e3", ""), ("null", None), (" nan ", 'a "b", c\r\nd')]
    assert table.repairs.is_empty()
    assert table.notes == ()


def test_ragged_rows_are_repaired_or_rejected_and_listed_by_their_line(tmp_path: Path) -> None:
    content = 'user,item,stars\na,x,1\nb,y\n\n"c\nc",z,3,,\nd,w,4,oops\n   \ne,v,5\n"f\n\nf",u,6,oops\ng\n'
    table = read(tmp_path, content)
    assert table.frame.rows() == [
        ("a", "x", "1"),
        ("b", "y", None),
        ("c\nc", "z", "3"),
        ("e", "v", "5"),
        ("g", None, None),
    ]
    assert table.repairs.rows() == [
        (3, "repaired", "fewer cells than columns, the others taken as empty", "b,y"),
        (5, "repaired", "empty cells after the last column, cut", '"c\nc",z,3,,'),
        (7, "rejected", "more cells than columns", "d,w,4,oops"),
        (8, "rejected", "nothing but blanks", "   "),
        (10, "rejected", "more cells than columns", '"f\n\nf",u,6,oops'),
        (13, "repaired", "fewer cells than columns, the others taken as empty", "g"),
    ]
    assert table.rows_in == 8 == table.frame.height + table.rejected
    assert "2 rows rejected: more cells than columns (first: line 7)" in table.notes


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_lines_end_as_they_like(tmp_path: Path, end: str, last: bool) -> None:
    table = read(tmp_path, end.join(["user,item", "a,x", "b,y"]) + end * last)
    assert table.frame.rows() == [("a", "x"), ("b", "y")]


def test_a_short_last_row_without_an_end_may_hold_half_an_id(tmp_path: Path) -> None:
    table = read(tmp_path, "user,item,stars\na,x,1\nb,1234")
    assert table.frame.rows() == [("a", "x", "1")]
    assert table.repairs.rows() == [(3, "rejected", "the file breaks off in this row", "b,1234")]
    assert read(tmp_path, "user,item,stars\na,x,1\nb,1234\n").frame.height == 2


def test_damaged_bytes_reject_their_row_alone(tmp_path: Path) -> None:
    content = "用户,商品\n甲,乙\n".encode() + "丙,丁\n".encode("gbk") + "戊,己\n".encode()
    table = read(tmp_path, content)
    assert table.frame.rows() == [("甲", "乙"), ("戊", "己")]
    assert table.repairs.row(0)[:3] == (3, "rejected", "bytes that do not fit the encoding")
    assert table.notes[0] == "read as UTF-8, which some bytes do not fit"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('user,item\na,x\n"b,y\nc,z\n', 3),
        ('user,item\na,x\n\nb,"y\nc,z\n', 4),
        ('user,item\n"a,x', 2),
        ('u,i\n"a\na",x\nb,"', 4),
    ],
)
def test_a_quote_that_never_closes_is_refused_with_its_line(tmp_path: Path, content: str, line: int) -> None:
    with pytest.raises(
        DataError, match=rf"a\.csv ends within a quoted cell of the row that begins in line {line}\. Close"
    ):
        read(tmp_path, content)


def test_tables_with_tabs_may_be_written_without_quoting(tmp_path: Path) -> None:
    table = read(tmp_path, 'item\ttitle\n1\t"Who\n2\tb\n', "a.tsv")
    assert table.frame.rows() == [("1", '"Who'), ("2", "b")]
    quoted = read(tmp_path, 'item\ttitle\n1\t"a\tb"\n', "a.tsv")
    assert quoted.frame.rows() == [("1", "a\tb")]


def test_nameless_empty_columns_at_the_end_are_left_out(tmp_path: Path) -> None:
    table = read(tmp_path, "user,item,,\na,x,,\nb,y,,\n")
    assert table.frame.columns == ["user", "item"]
    assert table.notes[-1] == "2 empty columns without a name at the end left out"
    assert read(tmp_path, "user,item,\na,x,1\n").frame.columns == ["user", "item", "column_3"]


def test_a_file_with_a_header_alone_has_no_rows(tmp_path: Path) -> None:
    for content in ("user,item", "user,item\r\n"):
        frame = read(tmp_path, content).frame
        assert (frame.columns, frame.height) == (["user", "item"], 0)


def test_a_file_without_one_good_row_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"No row of .*: 2 rows rejected: more cells than columns \(first: line 2\)"):
        read(tmp_path, "user,item\na,b,c\nd,e,f\n")


def test_a_cell_of_megabytes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"row of more than 4,194,304 bytes, after about 2 lines\. Mostly a quote"):
        read(tmp_path, "user,item\na,x\nb," + "y" * (10 << 20) + "\n")


def test_rows_across_blocks_keep_their_order_and_their_lines(tmp_path: Path) -> None:
    rows = [f"u{n},{n:0100d}" for n in range(BLOCK // 50)]
    rows[70_000] += ",oops"
    rows[70_001] = "u70001"
    table = read(tmp_path, "user,item\n" + "\n".join(rows) + "\n")
    assert table.frame["user"].to_list() == [f"u{n}" for n in range(len(rows)) if n != 70_000]
    assert table.repairs["line"].to_list() == [70_002, 70_003]


def test_plain_files_are_read_quickly(tmp_path: Path) -> None:
    """Half a million rows in seconds, odd ones or not: only rows that don't fit are looked at in Python."""
    rows = [f"u{n},i{n % 999},{n}\n" for n in range(500_000)]
    rows[1000] = "u,i\n"
    start = time.perf_counter()
    assert read(tmp_path, "user,item,t\n" + "".join(rows)).frame.height == 500_000
    assert time.perf_counter() - start < 10

"""Sheets as pandas (odfpy) writes them, and as LibreOffice shortens them: repeated rows and cells, a million empty ones."""

import datetime as dt
import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from penchant.data import opendocument
from penchant.data.files import read_table
from penchant.data.opendocument import check_repeats
from penchant.records.errors import DataError

CELL = '<table:table-cell{more} office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
EMPTY = '<table:table-cell table:number-columns-repeated="{times}"/>'
NAMES = f"<table:table-row>{CELL.format(more='', text='user')}{EMPTY.format(times=16_383)}</table:table-row>"
TAIL = f'<table:table-row table:number-rows-repeated="1048000">{EMPTY.format(times=16_384)}</table:table-row>'


def write(path: Path, frame: pd.DataFrame) -> Path:
    frame.to_excel(path, engine="odf", index=False)
    return path


def sheet(path: Path, *rows: str) -> Path:
    """A workbook whose sheet holds other rows."""
    write(path, pd.DataFrame({"user": ["a"]}))
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    content = parts["content.xml"].decode()
    begin, end = content.index("<table:table-row"), content.rindex("</table:table>")
    parts["content.xml"] = (content[:begin] + "".join(rows) + content[end:]).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, part in parts.items():
            new.writestr(name, part)
    return path


def row(text: str, columns: int = 1, rows: int = 1) -> str:
    cell = CELL.format(more=f' table:number-columns-repeated="{columns}"', text=text)
    return f'<table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-row>'


def test_ids_stay_text_and_cells_keep_their_types(tmp_path: Path) -> None:
    day = dt.datetime(2020, 1, 2, 3, 4)
    frame = pd.DataFrame({"user": ["007", "用户"], "item": [7, 8], "stars": [4.5, 5], "time": [day, day]})
    table = read_table(write(tmp_path / "a.ods", frame))
    assert table.frame.rows() == [("007", 7, 4.5, day), ("用户", 8, 5.0, day)]
    assert table.notes == ()


def test_repeated_rows_are_rows_and_empty_ones_at_the_end_are_nothing(tmp_path: Path) -> None:
    table = read_table(sheet(tmp_path / "a.ods", NAMES, row("a", rows=3), row("b"), TAIL))
    assert table.frame.rows() == [("a",), ("a",), ("a",), ("b",)]


@pytest.mark.parametrize("size", [1 << 20, 37, 101])
@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ([NAMES, row("a", columns=9000, rows=1_000_000)], "spreads 2 cells over 1,000,001 rows and 9,000 columns"),
        ([NAMES, TAIL, row("a", columns=100)], "spreads 2 cells over 1,048,002 rows and 100 columns"),
        ([NAMES, row("x" * 1000, rows=2_000_000)], r"repeats its texts to more than [\d,]+ letters"),
        ([NAMES, row("a").replace('"1"', '"&#49;"')], r"a cell is repeated b'&#49;' times"),
        ([NAMES, row("a").replace('office:value-type="string"', 'office:value-type="str')], "a tag of its sheet does not end"),
    ],
)  # fmt: skip
def test_what_unfolds_to_far_more_than_was_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: list[str], rule: str, size: int
) -> None:
    """However the file is cut into pieces."""
    monkeypatch.setattr(opendocument, "CHUNK", size)
    with pytest.raises(DataError, match=rule):
        read_table(sheet(tmp_path / "a.ods", *rows))


def test_an_endless_tag_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opendocument, "CHUNK", 100)
    monkeypatch.setattr(opendocument, "MAX_TAG", 1000)
    endless = io.BytesIO(b'<table:table-cell a="' + b"x" * 10_000)
    with pytest.raises(DataError, match="does not end"):
        check_repeats(endless, 1000, "a.ods")
    assert endless.tell() < 2000


def test_a_locked_or_damaged_book_is_refused(tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.ods", "<table:table-row><table:table-cell>")
    with pytest.raises(DataError, match="cannot be read as a workbook"):
        read_table(path)

import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from penchant.data.excel import FREE_LETTERS
from penchant.data.files import read_table
from penchant.records.errors import DataError


def write(path: Path, *sheets: list[list[Any]], at: tuple[int, int] = (0, 0)) -> Path:
    book = xlsxwriter.Workbook(str(path), {"strings_to_urls": False, "default_date_format": "yyyy-mm-dd hh:mm"})
    for rows in sheets:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                writer = sheet.write_string if isinstance(value, str) else sheet.write
                writer(at[0] + number, at[1] + place, value)
    book.close()
    return path


def repacked(path: Path, part: str, change: tuple[bytes, bytes]) -> Path:
    """The same workbook with other bytes in one part."""
    stream = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            assert name != part or change[0] in content
            new.writestr(name, content.replace(*change) if name == part else content)
    path.write_bytes(stream.getvalue())
    return path


def test_ids_that_are_text_stay_text_and_numbers_are_whole(tmp_path: Path) -> None:
    day = dt.datetime(2020, 1, 2, 3, 4)
    path = write(tmp_path / "a.xlsx", [["user", "item", "stars", "time"], ["007", 7, 4.5, day], ["NA", 8, None, day]])
    table = read_table(path)
    assert table.frame.rows() == [("007", 7, 4.5, day), ("NA", 8, None, day)]
    assert table.notes == ()


def test_numbers_beside_text_are_text_without_a_point(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", [["item"], *[[n] for n in range(10_001)], ["x1"], [2.5]])
    assert read_table(path).frame["item"].to_list() == [*map(str, range(10_001)), "x1", "2.5"]


def test_blank_rows_and_an_offset_do_not_matter(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", [["user", "item"], ["a", "x"], [None, None], ["b", "y"]], at=(3, 2))
    assert read_table(path).frame.rows() == [("a", "x"), ("b", "y")]


def test_the_first_sheet_with_rows_is_read_and_the_others_named(tmp_path: Path) -> None:
    table = read_table(write(tmp_path / "a.xlsx", [], [["user"], ["a"]], [["other"], ["b"]]))
    assert table.frame.rows() == [("a",)]
    assert table.notes == ("read from the sheet 'Sheet2'; other sheets are not used: 'Sheet3'",)


def test_names_twice_missing_or_none_at_all(tmp_path: Path) -> None:
    table = read_table(write(tmp_path / "a.xlsx", [["user", "user", None, None], ["a", "b", "c", None]]))
    assert table.frame.columns == ["user", "user_2", "column_3"]
    table = read_table(write(tmp_path / "a.xlsx", [[1, "x", 5], [2, "y", 4]]))
    assert table.frame.rows() == [(1, "x", 5), (2, "y", 4)]
    assert "holds data and no names" in table.notes[0]


def test_long_numbers_are_known_to_be_rounded(tmp_path: Path) -> None:
    table = read_table(write(tmp_path / "a.xlsx", [["user"], [123456789012345678]]))
    assert "'user' holds numbers of more than 15 digits, which Excel has rounded" in table.notes[0]


def test_sheets_without_rows_and_damaged_books_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.xlsx is empty"):
        read_table(write(tmp_path / "a.xlsx", []))
    path = write(tmp_path / "a.xlsx", [["user"], ["a"]])
    for part, old, new in (
        ("xl/worksheets/sheet1.xml", b"</v></c></row></sheetData>", b""),
        ("xl/worksheets/sheet1.xml", b"<v>1</v>", b"<v>999</v>"),
        ("xl/sharedStrings.xml", b"</si>", b""),
    ):
        with pytest.raises(DataError, match="cannot be read as a workbook"):
            read_table(repacked(write(path, [["user"], ["a"]]), part, (old, new)))
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("hello.txt", "x")
    with pytest.raises(DataError, match="cannot be read as a workbook"):
        read_table(path)


def test_two_cells_far_apart_do_not_fill_the_machine(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", [["user"], ["a"]])
    repacked(path, "xl/worksheets/sheet1.xml", (b'r="A2"', b'r="CZ1048576"'))
    with pytest.raises(DataError, match=r"spreads 2 cells over 1,048,576 rows and 104 columns.*Delete what"):
        read_table(path)


def test_one_text_a_million_times_does_not_fill_the_machine(tmp_path: Path) -> None:
    rows = FREE_LETTERS // 30_000 + 2
    path = write(tmp_path / "a.xlsx", [["text"], *[["x" * 30_000]] * rows])
    assert path.stat().st_size < FREE_LETTERS // 100
    with pytest.raises(DataError, match="repeats its texts to more than"):
        read_table(path)


@pytest.mark.parametrize("name", ["a.xls", "a.xlsb", "a.XLS"])
def test_binary_books_are_refused_with_what_to_do(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    with pytest.raises(
        DataError, match=r"binary form, which is not read\. Open it and save it as \.xlsx, \.ods or CSV"
    ):
        read_table(tmp_path / name)


def test_a_binary_book_is_one_whatever_it_is_called(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as book:
        book.writestr("xl/workbook.bin", b"\x83\x01\x00")
    with pytest.raises(DataError, match="is a binary workbook"):
        read_table(tmp_path / "a.xlsx")


def test_packed_books_are_read_too(tmp_path: Path) -> None:
    book = write(tmp_path / "a.xlsx", [["user"], ["007"]])
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as packed:
        packed.write(book, "deep/a.xlsx")
    assert read_table(tmp_path / "b.zip").frame.rows() == [("007",)]

"""The first sheet with rows of a workbook (.xlsx, .xlsm, .ods). Cells keep their types; whole numbers are ints.

Excel itself keeps 15 digits of a number and no leading zeros: what was lost there is not found again here.
"""

import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import PurePosixPath
from typing import Any, BinaryIO

import polars as pl

from penchant.data import zips
from penchant.data.cells import column, stacked
from penchant.data.compression import MAX_RATIO
from penchant.data.contents import Contents, whole
from penchant.data.dialect import is_header, unique_names
from penchant.data.opendocument import check_repeats
from penchant.data.spread import check_spread
from penchant.data.tables import Table, without_empty_tail
from penchant.records.errors import DataError

CHUNK = 1 << 20
ROWS = 10_000
"""Rows in one table, before they are joined."""
FREE_LETTERS = 64 << 20
"""Of all cells; beyond it, 100 per byte of the file: a sheet may name one long shared text a million times."""
OPEN_DOCUMENT = "content.xml"
CELL = re.compile(rb"""\sr=["']([A-Z]{0,3})(\d{1,7})["']""")


def read_excel(found: Contents) -> Table:
    """The table of a workbook. Raises DataError for a damaged, locked or bloated one, and one without rows."""
    with whole(found) as stream:
        size = stream.seek(0, io.SEEK_END)
        for info in zips.members(stream, found.name):
            if info.filename == "xl/workbook.bin":
                raise DataError(
                    f"{found.name} is a binary workbook (xlsb), which is not read. Save it as .xlsx or CSV."
                )
            if info.filename.endswith(".xml"):
                with zips.opened(stream, info, found.name) as part:
                    _check_spread(part, found.name)
            if PurePosixPath(info.filename).name == OPEN_DOCUMENT:
                with zips.opened(stream, info, found.name) as part:
                    check_repeats(part, max(FREE_LETTERS, MAX_RATIO * size), found.name)
        stream.seek(0)
        rows, notes = _sheet(stream, found.name)
        first = next(rows, None)
        if first is None:
            raise DataError(
                f"{found.name} is empty. Give a sheet with a row of names and one row per event, item or person."
            )
        names, skipped = [str(cell) if cell is not None else "" for cell in first], True
        if not is_header(names):
            names, skipped = [f"column_{number + 1}" for number in range(len(first))], False
            notes.append(f"the first row holds data and no names, so the columns are called {names[0]} to {names[-1]}")
        unique, renamed = unique_names(names)
        body = _bounded(rows if skipped else chain([first], rows), MAX_RATIO * size, found.name)
        frame = _frame(body, unique)
    frame, dropped = without_empty_tail(frame, {new for new, old in zip(unique, names, strict=True) if not old.strip()})
    return Table(frame=frame, notes=(*notes, *renamed, *dropped, *_rounded(frame)))


def _sheet(stream: BinaryIO, name: str) -> tuple[Iterator[list[Any]], list[str]]:
    """The rows of the first sheet that has some, blank ones left out, in cells of our types; and which sheet that is."""
    import python_calamine as calamine

    try:
        book = calamine.load_workbook(stream)
        sheets = [book.get_sheet_by_index(index) for index in range(len(book.sheet_names))]
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise DataError(f"{name} cannot be read as a workbook: {error}. Save it again, without a password.") from error
    filled = [sheet for sheet in sheets if sheet.height]
    if not filled:
        return iter(()), []
    others = ", ".join(repr(sheet.name) for sheet in filled[1:])
    notes = [f"read from the sheet {filled[0].name!r}; other sheets are not used: {others}"] if others else []
    cells = ([_cell(value) for value in row] for row in filled[0].iter_rows())
    return (row for row in cells if any(value is not None for value in row)), notes


def _cell(value: Any) -> Any:
    """Numbers without fraction are ints, an empty cell is None; durations and times of day are text."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if value == "":
        return None
    return str(value) if isinstance(value, dt.timedelta | dt.time) else value


def _bounded(rows: Iterable[list[Any]], letters: int, name: str) -> Iterator[list[Any]]:
    """The same rows. Raises DataError once their texts are far longer than a file of that size can mean."""
    seen = 0
    for row in rows:
        seen += sum(len(value) for value in row if isinstance(value, str))
        if seen > max(FREE_LETTERS, letters):
            raise DataError(f"{name} repeats its texts to more than {seen:,} letters. Save the table as CSV.")
        yield row


def _frame(rows: Iterator[list[Any]], names: Sequence[str]) -> pl.DataFrame:
    frames = [pl.DataFrame(schema=dict.fromkeys(names, pl.Null))]
    while part := list(islice(rows, ROWS)):
        frames.append(pl.DataFrame([column(n, list(v)) for n, v in zip(names, zip(*part, strict=True), strict=True)]))
    return stacked(frames)


def _check_spread(sheet: BinaryIO, name: str) -> None:
    """Raises DataError where a few cells span a rectangle that would fill the machine: all of it is held in memory."""
    height = width = cells = 0
    rest = b""
    while piece := sheet.read(CHUNK):
        piece = rest + piece
        for match in CELL.finditer(piece):
            letters, row = match.groups()
            width, height, cells = max(width, _column_number(letters)), max(height, int(row)), cells + bool(letters)
        rest = piece[piece.rfind(b"<") :] if b"<" in piece[-128:] else b""
    check_spread(height, width, cells, name)


def _column_number(letters: bytes) -> int:
    """1 for A, 27 for AA; 0 for none."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _rounded(frame: pl.DataFrame) -> Iterator[str]:
    for values in frame:
        if values.dtype.is_float() and (values.abs() >= 10.0**15).any():
            yield f"{values.name!r} holds numbers of more than 15 digits, which Excel has rounded: keep such ids as text"

"""Text tables (CSV, TSV and their kin) -> columns of text. Knows separators, quotes and rows, not what columns mean."""

import io
from dataclasses import replace

import polars as pl

from penchant.data.contents import Contents
from penchant.data.dialect import Dialect, sniff, text_rows
from penchant.data.encodings import Encoding, as_stream, detect, utf8
from penchant.data.parsing import OpenQuoteError, parse
from penchant.data.ragged import mended
from penchant.data.tables import Table, repair_notes, without_empty_tail
from penchant.records.errors import DataError

HEAD = 1 << 18
"""Bytes that the dialect is told from; also the longest first row."""


def read_delimited(
    found: Contents, separator: str, *, fixed: bool = False, quote: str | None = '"', names: tuple[str, ...] = ()
) -> Table:
    """The table of a text file; all columns stay text, an empty cell is null (a quoted empty one is "").

    `separator` is the usual one, and others are tried unless it is `fixed`. `names` are given for files known to have
    none. Rows that don't fit are repaired or rejected, and listed. Raises DataError for what is no table: empty, too
    wide, with a row of megabytes, an open quote, or no good row.
    """
    encoding = detect(found.open, found.name)
    with as_stream(utf8(found.open(), encoding)) as stream:
        head = stream.read(HEAD).decode("utf-8", "ignore")
    dialect = sniff(head, separator, found.name, fixed=fixed, quote=quote)
    if names:
        dialect = replace(dialect, names=names, skip=0, header=False, notes=())
    try:
        rows = parse(found, encoding, dialect)
    except OpenQuoteError as error:
        if dialect.separator == "\t":  # tables with tabs are often written without any quoting
            return read_delimited(found, "\t", fixed=True, quote=None, names=names)
        raise DataError(_open_quote(found, encoding, dialect, error.place)) from None
    frame, listed = mended(rows, dialect, sound=encoding.sound)
    if not listed.is_empty():
        lines = _lines(found, encoding, dialect, set(listed["line"]))
        listed = listed.with_columns(pl.col("line").replace_strict(lines, default=pl.col("line") + dialect.skip + 1))
    if frame.is_empty() and not listed.is_empty():
        raise DataError(f"No row of {found.name} can be used: {'; '.join(repair_notes(listed))}. Check the separator.")
    frame, dropped = without_empty_tail(frame, dialect.nameless)
    notes = tuple(filter(None, (encoding.note, *dialect.notes, *dropped, *repair_notes(listed))))
    return Table(frame=frame, repairs=listed, notes=notes)


def _lines(found: Contents, encoding: Encoding, dialect: Dialect, places: set[int]) -> dict[int, int]:
    """The lines of the file, from 1, that rows of data begin in, by their place (from 0). Read again: cells have lines."""
    lines: dict[int, int] = {}
    place = -1 if dialect.header else 0
    with io.TextIOWrapper(as_stream(utf8(found.open(), encoding)), "utf-8", newline="") as text:
        for line, row in text_rows(text, dialect.separator, dialect.quote):
            if row and place in places:
                lines[place] = line
            place += bool(row)
            if len(lines) == len(places):
                break
    return lines


def _open_quote(found: Contents, encoding: Encoding, dialect: Dialect, place: int) -> str:
    line = _lines(found, encoding, dialect, {place}).get(place)
    return (
        f"{found.name} ends within a quoted cell of the row that begins in line {line}. "
        'Close the quote there; a quote that belongs to a text is written twice ("").'
    )

"""Rows that don't fit their table: which can be repaired, and which have to be left out. No row goes without a word.

Too few cells are filled up, too many empty ones are cut. Nobody can tell where a row with more text than columns is
wrong, so it is rejected, like a last row that the file breaks off in (its last id may be half an id), and damaged bytes.
"""

import polars as pl

from penchant.data.dialect import Dialect, text_rows
from penchant.data.encodings import LOST
from penchant.data.parsing import Odd, Rows
from penchant.data.tables import REJECTED, REPAIRED, repairs

FEW = "fewer cells than columns, the others taken as empty"
MANY = "empty cells after the last column, cut"
CUT = "the file breaks off in this row"
LONG = "more cells than columns"
BLANK = "nothing but blanks"
BYTES = "bytes that do not fit the encoding"


def mended(rows: Rows, dialect: Dialect, *, sound: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows that can be used, in their order, and the list of the others and of the repaired; `line` is their place.

    `sound`: there are no damaged bytes to be looked for.
    """
    frame = rows.fitting
    fixed, listed = [], []
    for odd in rows.odd:
        cells = next(text_rows([odd.text], dialect.separator, dialect.quote), (0, []))[1]
        fate, reason = _verdict(odd, cells, rows, len(dialect.names))
        listed.append((odd.place, fate, reason, odd.text))
        if fate == REPAIRED:
            fixed.append((*_fitted(cells, len(dialect.names)), odd.place))
    if fixed:
        frame = pl.concat([frame, pl.DataFrame(fixed, schema=frame.schema, orient="row")]).sort("place")
    if not sound:
        lost = pl.any_horizontal(pl.exclude("place").str.contains(LOST, literal=True).fill_null(value=False))
        damaged = frame.filter(lost)
        listed += [(row[-1], REJECTED, BYTES, _shown(row[:-1], dialect)) for row in damaged.iter_rows()]
        frame = frame.filter(~lost)
    frame = frame.drop("place")
    frame.columns = list(dialect.names)
    return frame, repairs(sorted(listed))


def _verdict(odd: Odd, cells: list[str], rows: Rows, width: int) -> tuple[str, str]:
    if not "".join(cells).strip():
        return REJECTED, BLANK
    if len(cells) > width:
        return (REJECTED, LONG) if any(cells[width:]) else (REPAIRED, MANY)
    return (REJECTED, CUT) if rows.breaks_off and odd.place == rows.last else (REPAIRED, FEW)


def _fitted(cells: list[str], width: int) -> list[str | None]:
    return [cell or None for cell in (cells + [""] * width)[:width]]


def _shown(row: tuple[str | None, ...], dialect: Dialect) -> str:
    return dialect.separator.join(cell or "" for cell in row)

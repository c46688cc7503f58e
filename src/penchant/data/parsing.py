"""A text table of a known dialect -> rows that fit its columns, and rows that don't. Arrow does the work, block by block."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl

from penchant.data.contents import Contents
from penchant.data.dialect import Dialect
from penchant.data.encodings import Encoding, as_stream, utf8
from penchant.records.errors import DataError

BLOCK = 4 << 20
"""Bytes read at once; also about the longest row: a cell of megabytes is an accident, mostly a quote that never closes."""
END = "\x03end"
"""Each cell of a last row of our own: where that does not come out as a row, the file ends within an open quote."""


class OpenQuoteError(Exception):
    """The text ends within a quoted cell of the row of data at `place`, from 0."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


@dataclass(frozen=True)
class Odd:
    """A row with another number of cells than columns: its place among the rows of data (from 0), and its text."""

    place: int
    text: str


@dataclass(frozen=True)
class Rows:
    """`fitting`: columns of text c0, c1, ... and `place`, from 0, among all rows of data. `breaks_off`: no last newline."""

    fitting: pl.DataFrame
    odd: list[Odd]
    breaks_off: bool

    @property
    def last(self) -> int:
        """The place of the last row of data."""
        return self.fitting.height + len(self.odd) - 1


def parse(found: Contents, encoding: Encoding, dialect: Dialect) -> Rows:
    """All rows. Raises OpenQuoteError, and DataError for a row of megabytes and damaged bytes."""
    width = len(dialect.names)
    text = utf8(found.open(), encoding, f"\n{dialect.separator.join([END] * width)}\n".encode())
    odd: list[Odd] = []

    def take(row: Any) -> str:
        odd.append(Odd(row.number - dialect.skip - 1, row.text))
        return "skip"

    blocks: list[pl.DataFrame] = []
    try:
        with as_stream(text) as stream, text:
            for batch in _batches(stream, dialect, take):
                blocks.append(pl.DataFrame(pl.from_arrow(batch)))  # noqa: PERF401  what was read before an error counts
    except ValueError as error:  # Arrow's own is one
        place = sum(block.height for block in blocks) + len(odd)
        raise DataError(_refusal(error, found.name, place, dialect)) from error
    frame = pl.concat(blocks) if blocks else pl.DataFrame()
    if frame.is_empty() or frame.row(-1) != (END,) * width:
        raise OpenQuoteError(frame.height + len(odd) - 1)
    kept = np.ones(frame.height + len(odd), dtype=bool)
    kept[[row.place for row in odd]] = False
    fitting = frame.with_columns(pl.Series("place", np.flatnonzero(kept), pl.Int64)).head(-1)
    return Rows(fitting, odd, breaks_off=text.last not in (b"", b"\n", b"\r"))


def has_long_rows(path: Path) -> bool:
    """Whether some stretch of `BLOCK` bytes of a file in UTF-8 has no end of a row, as far as newlines and quotes tell.

    For other readers, which would take any row into memory. A single quote within a text may look like an open one.
    """
    inside = False
    with path.open("rb") as stream:
        while piece := stream.read(BLOCK):
            quotes = piece.count(b'"')
            full = len(piece) == BLOCK
            if full and (b"\n" not in piece or (inside and not quotes)):
                return True
            inside ^= bool(quotes % 2)
    return False


def _batches(stream: BinaryIO, dialect: Dialect, take: Callable[[Any], str]) -> Any:
    """Record batches of text columns c0, c1, ...; `take` gets the other rows."""
    import pyarrow as pa
    from pyarrow import csv as arrow

    names = [f"c{number}" for number in range(len(dialect.names))]
    # With threads, odd rows would come without their number.
    reading = arrow.ReadOptions(
        use_threads=False, block_size=BLOCK, column_names=names, skip_rows_after_names=dialect.skip
    )
    parsing = arrow.ParseOptions(
        delimiter=dialect.separator,
        quote_char=dialect.quote or False,
        newlines_in_values=dialect.quote is not None,
        invalid_row_handler=take,
    )
    converting = arrow.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        strings_can_be_null=True,
        null_values=[""],
        quoted_strings_can_be_null=False,
    )
    return arrow.open_csv(stream, reading, parsing, converting)


def _refusal(error: Exception, name: str, place: int, dialect: Dialect) -> str:
    about = place + dialect.skip
    if "straddling" in str(error):
        return (
            f"{name} holds a row of more than {BLOCK:,} bytes, after about {about:,} lines. Mostly a quote is never "
            "closed there; otherwise shorten the text."
        )
    return f"{name} cannot be read after about {about:,} lines: {error}. Mend it there."

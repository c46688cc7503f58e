"""Parquet files, after a look at what their footer claims: a few bytes may stand for billions of rows."""

from typing import BinaryIO

import polars as pl

from penchant.data.compression import FREE_BYTES, MAX_RATIO
from penchant.data.contents import Contents, whole
from penchant.data.spread import check_spread
from penchant.data.tables import Table
from penchant.records.errors import DataError

FREE = 4 * FREE_BYTES
"""Bytes of memory that any file may claim: a million rows of four equal columns pack into nothing."""
FOOTER_BYTES = 16 << 20
"""The footer is read whole, and takes some ten times as much memory. That of 1,000 row groups of 100 columns fits."""
CELL_BYTES = 16
"""Of memory that each cell takes at least while it is read."""


def read_parquet(found: Contents) -> Table:
    """The table of a Parquet file. Raises DataError where it is damaged or claims 100 times more than it can hold."""
    stream = whole(found)
    size = stream.seek(0, 2)
    stream.seek(0)
    check_claims(stream, size, found.name)
    try:
        frame = pl.read_parquet(found.plain or stream)
        return Table(frame=frame.with_columns(pl.col(pl.Binary).cast(pl.String)))
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise DataError(f"{found.name} cannot be read as parquet: {error}. Export it again.") from error


def check_claims(stream: BinaryIO, size: int, name: str) -> None:
    """Raises DataError for a footer that cannot be read, or that claims far more than so many bytes can hold."""
    from pyarrow import parquet

    stream.seek(max(0, size - 8))
    footer_bytes = int.from_bytes(stream.read(4), "little")
    stream.seek(0)
    if FOOTER_BYTES < footer_bytes <= size:
        raise DataError(
            f"{name} describes itself in {footer_bytes:,} bytes, and at most {FOOTER_BYTES:,} are read. Write it with "
            "fewer columns and larger row groups."
        )
    try:
        footer = parquet.read_metadata(stream)
    except (OSError, ValueError) as error:
        raise DataError(f"{name} cannot be read as parquet: {error}. Export it again.") from error
    check_spread(1, footer.num_columns, footer.num_columns, name)
    unpacked = sum(footer.row_group(group).total_byte_size for group in range(footer.num_row_groups))
    claim = max(footer.num_rows * footer.num_columns * CELL_BYTES, unpacked)
    stream.seek(0)
    if claim > FREE and claim > MAX_RATIO * size:
        raise DataError(
            f"{name} claims {footer.num_rows:,} rows of {footer.num_columns:,} columns in {size:,} bytes, more than "
            f"{MAX_RATIO} times what it can hold. If it is a real table, write it again with distinct ids."
        )

"""Parquet files, after a look at what their footer claims: a few bytes may stand for billions of rows.

Arrow reads them, since polars ends the whole process over some damaged ones. Repeated texts stay one text in memory, however
many rows have it.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

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
ROWS = 1 << 16
DAMAGE = (pl.exceptions.PolarsError, OSError, ValueError, KeyError, NotImplementedError)
"""As Arrow and polars tell of it."""
CELL_BYTES = 16
"""Of memory that each cell takes at least while it is read."""


def read_parquet(found: Contents) -> Table:
    """The table of a Parquet file. Raises DataError where it is damaged or claims 100 times more than it can hold."""
    stream = whole(found)
    size = stream.seek(0, 2)
    stream.seek(0)
    check_claims(stream, size, found.name)
    from pyarrow import parquet

    try:
        footer = parquet.read_metadata(stream)
        repeated = _repeated(footer)
        for path in repeated:
            if "." in path:
                _check_texts(stream, path, size, found.name)
        tops = [path for path in repeated if "." not in path]
        batches = list(parquet.ParquetFile(stream, read_dictionary=tops).iter_batches(ROWS))
        blocks = [pl.DataFrame([_column(name, batch[name]) for name in batch.schema.names]) for batch in batches]
        frame = pl.concat(blocks) if blocks else _empty(footer)
        return Table(frame=frame.with_columns(pl.col(pl.Binary).cast(pl.String)))
    except DAMAGE as error:
        raise DataError(f"{found.name} cannot be read as parquet: {error}. Export it again.") from error


def _repeated(footer: Any) -> list[str]:
    """The paths of the columns of text that hold each text once and then its number."""
    groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
    chunks = (group.column(number) for group in groups for number in range(footer.num_columns))
    texts = (chunk for chunk in chunks if chunk.physical_type == "BYTE_ARRAY" and chunk.has_dictionary_page)
    return list(dict.fromkeys(chunk.path_in_schema for chunk in texts))


def _column(name: str, values: Any) -> pl.Series:
    """A column of polars; of numbered texts each row points to its text."""
    if hasattr(values, "dictionary"):
        return pl.Series(name, pl.from_arrow(values.dictionary)).gather(pl.Series(pl.from_arrow(values.indices)))
    return pl.Series(name, pl.from_arrow(values))


def _empty(footer: Any) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(footer.schema.to_arrow_schema().empty_table()))


def _check_texts(stream: BinaryIO, path: str, size: int, name: str) -> None:
    """Raises DataError where numbered texts within lists or structs would be far longer in full than the file.

    They cannot be read as pointers, so their lengths are added up first.
    """
    from pyarrow import compute, parquet

    total = 0
    for batch in parquet.ParquetFile(stream, read_dictionary=[path]).iter_batches(ROWS, columns=[path]):
        for texts in _leaves(batch.columns[0]):
            lengths = compute.binary_length(texts.dictionary).cast("int64")
            total += compute.sum(lengths.take(texts.indices)).as_py() or 0
            if total > max(FREE, MAX_RATIO * size):
                raise DataError(
                    f"{name} repeats the texts of {path!r} to more than {total:,} bytes, {MAX_RATIO} times its own. "
                    "Keep long texts in columns of their own."
                )


def _leaves(values: Any) -> Iterator[Any]:
    """The numbered texts in a column of lists and structs."""
    if hasattr(values, "dictionary"):
        yield values
    elif hasattr(values, "flatten"):
        inner = values.flatten()
        for part in inner if isinstance(inner, list) else [inner]:
            yield from _leaves(part)


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
    except DAMAGE as error:
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

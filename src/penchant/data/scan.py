"""A table whose columns are read one at a time. Big CSV and Parquet files stay on disk; what columns mean isn't known here."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from penchant.data.delimited import HEAD
from penchant.data.dialect import sniff
from penchant.data.frames import to_table
from penchant.data.parquet import check_claims
from penchant.data.parsing import has_long_rows
from penchant.data.tables import REJECTED, repairs
from penchant.records.data import FrameKind
from penchant.records.errors import DataError

BIG_BYTES = 64 * 2**20
"""Files from this size on stay on disk."""
SEPARATORS = {".csv": ",", ".tsv": "\t"}


@dataclass(frozen=True, kw_only=True)
class RawTable:
    """`rows` in their order; each column is a pass over them, so that the whole table never has to be in memory.

    `notes` say what was inferred to read them, `repairs` (of `tables.repairs`) lists rows of a file that did not fit.
    `folder` is removed with the table; its `rows` are read from there.
    """

    rows: pl.LazyFrame
    columns: tuple[str, ...]
    height: int
    notes: tuple[str, ...] = ()
    repairs: pl.DataFrame = field(default_factory=repairs)
    folder: TemporaryDirectory[str] | None = None

    @classmethod
    def of(cls, frame: pl.DataFrame) -> "RawTable":
        return cls(rows=frame.lazy(), columns=tuple(frame.columns), height=frame.height)

    def __getitem__(self, name: str) -> pl.Series:
        return self.rows.select(name).collect()[name]

    def frame(self) -> pl.DataFrame:
        """All of it, in memory."""
        return self.rows.select(self.columns).collect()

    def without(self, names: tuple[str, ...]) -> "RawTable":
        return replace(self, columns=tuple(c for c in self.columns if c not in names))

    def unreadable(self, table: str) -> pl.DataFrame:
        """The rows that reading the file itself rejected, as `Data.rejected` lists them; `row` is their line."""
        gone = self.repairs.filter(pl.col("fate") == REJECTED)
        return gone.select(
            pl.lit(table).alias("table"),
            pl.col("line").cast(pl.UInt32).alias("row"),
            "reason",
            pl.lit(None, pl.String).alias("column"),
            pl.col("text").alias("value"),
        )

    def counted(self, report: Mapping[str, Any]) -> dict[str, Any]:
        """A report of the rows that could be read, with those that could not."""
        gone = dict(self.unreadable("")["reason"].value_counts().iter_rows())
        return {**report, "rows_in": report["rows_in"] + sum(gone.values()), "dropped": gone | report["dropped"]}

    def sample(self, num_rows: int) -> pl.DataFrame:
        """At most so many rows, evenly from the first to the last, in their order."""
        return self.rows.select(self.columns).gather_every(max(1, -(-self.height // num_rows))).collect()


def open_table(table: object) -> tuple[RawTable, FrameKind]:
    """Any table (`frames.to_table` names the kinds), and its kind; big files that can be scanned are not read yet.

    >>> open_table([{"uid": "007"}])[0]["uid"].to_list()
    ['007']
    """
    scanned = _scanned(Path(table)) if isinstance(table, str | Path) else None
    if scanned is not None:
        return scanned, "polars"
    found, kind = to_table(table)
    return replace(RawTable.of(found.frame), notes=found.notes, repairs=found.repairs), kind


def _scanned(path: Path) -> RawTable | None:
    """The file as it lies, None for one that is small or not plain enough: `frames` reads and mends those in memory."""
    suffix = path.suffix.lower()
    if suffix not in (*SEPARATORS, ".parquet") or not path.is_file() or path.stat().st_size < BIG_BYTES:
        return None
    try:
        return _scan_parquet(path) if suffix == ".parquet" else _scan_text(path, SEPARATORS[suffix])
    except (pl.exceptions.PolarsError, DataError):
        return None


def _scan_parquet(path: Path) -> RawTable:
    with path.open("rb") as stream:
        check_claims(stream, path.stat().st_size, str(path))
    rows = pl.scan_parquet(path)
    names = tuple(rows.collect_schema().names())
    height = int(rows.select(pl.len()).collect().item())
    rows = rows.with_columns(pl.col(pl.Categorical, pl.Enum, pl.Binary).cast(pl.String))
    return RawTable(rows=rows, columns=names, height=height)


def _scan_text(path: Path, separator: str) -> RawTable | None:
    """A plain text table, parsed once into a Parquet file that lives as long as the table: columns are read from there.

    Plain is UTF-8 with a row of different names and the usual separator, of which every row has as many.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD).decode("utf-8-sig", "ignore")
    told = sniff(head, separator, str(path))
    if has_long_rows(path):
        return None
    rows = pl.scan_csv(path, separator=separator, infer_schema=False)
    is_plain = told.separator == separator and told.header and told.skip == 1 and not told.nameless and not told.notes
    if not is_plain or tuple(rows.collect_schema().names()) != told.names:
        return None
    folder = TemporaryDirectory(prefix="penchant-")
    copy = Path(folder.name) / "rows.parquet"
    rows.sink_parquet(copy, compression="lz4", statistics=False)
    last = pl.read_parquet(copy, columns=[told.names[-1]]).to_series()
    if last.has_nulls() and _has_short_lines(path, separator, told.names):
        return None
    return RawTable(rows=pl.scan_parquet(copy), columns=told.names, height=len(last), folder=folder)


def _has_short_lines(path: Path, separator: str, names: tuple[str, ...]) -> bool:
    """Whether a line has fewer cells than there are columns (or is blank, or goes on a cell of the line before)."""
    lines = pl.scan_csv(
        path, has_header=False, separator="\x1f", quote_char=None, infer_schema=False, new_columns=["line"]
    )
    cells = pl.col("line").fill_null("").str.count_matches(separator, literal=True) + 1
    return bool(lines.select((cells < len(names)).any()).collect().item())

"""A table whose columns are read one at a time. Big CSV and Parquet files stay on disk; what columns mean isn't known here."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from penchant.data.delimited import HEAD
from penchant.data.dialect import sniff
from penchant.data.frames import to_table
from penchant.data.parquet import check_claims
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
    """

    rows: pl.LazyFrame
    columns: tuple[str, ...]
    height: int
    notes: tuple[str, ...] = ()
    repairs: pl.DataFrame = field(default_factory=repairs)

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
    """The file as it lies, None for one that is small or not plain enough: `frames` reads and mends those in memory.

    Plain is UTF-8 with a row of different names and the usual separator, of which every row has as many.
    """
    suffix = path.suffix.lower()
    if suffix not in (*SEPARATORS, ".parquet") or not path.is_file() or path.stat().st_size < BIG_BYTES:
        return None
    try:
        rows = _scan_parquet(path) if suffix == ".parquet" else _scan_text(path, SEPARATORS[suffix])
        if rows is None:
            return None
        names = tuple(rows.collect_schema().names())
        # Counting the nulls parses every cell: what has too many or is no UTF-8 fails here and not half-way.
        counts = rows.select(pl.len().alias("height"), pl.all().null_count().name.prefix("nulls of ")).collect()
        if (
            suffix != ".parquet"
            and counts[f"nulls of {names[-1]}"][0]
            and _has_short_lines(path, SEPARATORS[suffix], names)
        ):
            return None
    except (pl.exceptions.PolarsError, DataError):
        return None
    rows = rows.with_columns(pl.col(pl.Categorical, pl.Enum, pl.Binary).cast(pl.String))
    return RawTable(rows=rows, columns=names, height=int(counts["height"][0]))


def _scan_parquet(path: Path) -> pl.LazyFrame:
    with path.open("rb") as stream:
        check_claims(stream, path.stat().st_size, str(path))
    return pl.scan_parquet(path)


def _scan_text(path: Path, separator: str) -> pl.LazyFrame | None:
    with path.open("rb") as stream:
        head = stream.read(HEAD).decode("utf-8-sig", "ignore")
    told = sniff(head, separator, str(path))
    if told.separator != separator or not told.header or told.skip != 1 or told.nameless or told.notes:
        return None
    rows = pl.scan_csv(path, separator=separator, infer_schema=False)
    return rows if tuple(rows.collect_schema().names()) == told.names else None


def _has_short_lines(path: Path, separator: str, names: tuple[str, ...]) -> bool:
    """Whether a line has fewer cells than there are columns (or is blank, or goes on a cell of the line before)."""
    lines = pl.scan_csv(
        path, has_header=False, separator="\x1f", quote_char=None, infer_schema=False, new_columns=["line"]
    )
    cells = pl.col("line").fill_null("").str.count_matches(separator, literal=True) + 1
    return bool(lines.select((cells < len(names)).any()).collect().item())

"""Which file of a folder is meant by a name, packed or not, and reading it. Not what is in the files."""

from fnmatch import fnmatch
from pathlib import Path

import polars as pl

from penchant.data.compression import PACKINGS
from penchant.data.contents import contents
from penchant.data.delimited import read_delimited
from penchant.data.files import read_table
from penchant.data.tables import Table
from penchant.records.errors import DataError

PACKED = (*PACKINGS, ".zip")


def matching(folder: Path, pattern: str) -> list[Path]:
    """The files whose names match, case aside; "ratings.csv" matches ratings.csv.gz too. By name."""
    return sorted(path for path in folder.iterdir() if fnmatch(bare_name(path), pattern) and path.is_file())


def found(folder: Path, pattern: str) -> Path | None:
    """The first file that matches."""
    return next(iter(matching(folder, pattern)), None)


def file_of(folder: Path, pattern: str) -> Path:
    """The first file that matches. Raises DataError for none."""
    path = found(folder, pattern)
    if path is None:
        raise DataError(f"{folder} has no file {pattern}. Name the folder of the unpacked data set.")
    return path


def bare_name(path: Path) -> str:
    """In lower case and without the end that packing added.

    >>> bare_name(Path("in/Ratings.CSV.gz"))
    'ratings.csv'
    """
    return (path.stem if path.suffix.lower() in PACKED else path.name).lower()


class Noting:
    """Reads files and keeps what there is to say of each: in `notes`, and in `repairs` by the table that rows were for."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.repairs: dict[str, pl.DataFrame] = {}

    def __call__(self, path: Path, role: str = "events") -> pl.DataFrame:
        """The table of a file whose rows are those of "events", "items" or "users"."""
        return self._noted(path, read_table(path), role)

    def nameless(self, path: Path, names: tuple[str, ...], separator: str = "\t", role: str = "events") -> pl.DataFrame:
        """The same of a text file without a header row and without quoting."""
        file = contents(path, (Path(bare_name(path)).suffix,))
        return self._noted(path, read_delimited(file, separator, fixed=True, quote=None, names=names), role)

    def _noted(self, path: Path, table: Table, role: str) -> pl.DataFrame:
        self.notes += [f"{path.name}: {note}" for note in table.notes]
        listed = table.repairs.with_columns(pl.format("{}: {}", pl.lit(path.name), "reason").alias("reason"))
        self.repairs[role] = pl.concat([self.repairs[role], listed]) if role in self.repairs else listed
        return table.frame


def first_line(path: Path) -> bytes:
    """The first line of a file, unpacked; empty for what cannot be opened. At most 64 KiB."""
    try:
        with contents(path, (Path(bare_name(path)).suffix,)).open() as stream:
            return stream.readline(1 << 16)
    except DataError:
        return b""

"""A file -> a table, by the end of its name: text, JSON, Parquet or a workbook, packed or not. Not what its columns mean."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import polars as pl

from penchant.data.contents import Contents, contents
from penchant.data.delimited import read_delimited
from penchant.data.excel import read_excel
from penchant.data.jsonlines import read_json
from penchant.data.parquet import read_parquet
from penchant.data.tables import Table

_recbole = partial(read_delimited, separator="\t", fixed=True, quote=None)
FORMATS: dict[str, Callable[[Contents], Table]] = {
    ".csv": partial(read_delimited, separator=","),
    ".tsv": partial(read_delimited, separator="\t"),
    ".txt": partial(read_delimited, separator="\t"),
    ".dat": partial(read_delimited, separator="\t"),
    ".inter": _recbole,
    ".item": _recbole,
    ".user": _recbole,
    ".link": _recbole,
    ".jsonl": read_json,
    ".ndjson": read_json,
    ".json": read_json,
    ".parquet": read_parquet,
    ".xlsx": read_excel,
    ".xlsm": read_excel,
    ".ods": read_excel,
}


def read_table(path: Path) -> Table:
    """The table of a file with its notes and the rows that were repaired or rejected.

    Raises DataError for what is no file, of no known format, damaged, or made to fill the machine.
    """
    found = contents(path, tuple(FORMATS))
    return FORMATS[found.suffix](found)


def read_file(path: Path) -> pl.DataFrame:
    """The table of a file alone."""
    return read_table(path).frame

import bz2
import gzip
import lzma
import zipfile
from pathlib import Path

import polars as pl
import pyarrow
import pytest

from penchant.data.files import FORMATS, read_file, read_table
from penchant.data.read import read
from penchant.records.errors import DataError

PACKERS = {
    "": lambda content: content,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": lambda content: bytes(pyarrow.compress(content, "zstd")),
}
ROWS = [("007", "NA"), ("1e3", "甲")]


def written(path: Path) -> bytes:
    """A file of that format with the same two rows."""
    frame = pl.DataFrame(ROWS, schema=["user_id", "item_id"], orient="row")
    match path.suffix:
        case ".parquet":
            frame.write_parquet(path)
        case ".xlsx" | ".xlsm":
            frame.write_excel(path)
        case ".jsonl" | ".ndjson":
            frame.write_ndjson(path)
        case ".json":
            frame.write_json(path)
        case ".csv":
            frame.write_csv(path)
        case _:
            frame.write_csv(path, separator="\t")
    return path.read_bytes()


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("packing", [*PACKERS, ".zip"])
def test_every_format_is_read_however_it_is_packed(tmp_path: Path, suffix: str, packing: str) -> None:
    content, path = written(tmp_path / f"a{suffix}"), tmp_path / f"b{suffix}{packing}"
    if packing == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr(f"a{suffix}", content)
    else:
        path.write_bytes(PACKERS[packing](content))
    assert read_table(path).frame.rows() == ROWS
    assert read_file(path).columns == ["user_id", "item_id"]


def test_rows_that_a_file_lost_are_counted_and_listed_by_read(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("user_id,item_id,rating\na,x,4\nb,y,3,oops\nc,z\n,w,5\nd,w,5\n")
    data = read(path)
    assert data.report["events"] == {  # type: ignore[comparison-overlap]
        "rows_in": 5, "rows_kept": 3, "dropped": {"more cells than columns": 1, "no user": 1}
    }  # fmt: skip
    assert data.rejected.filter(pl.col("reason") == "more cells than columns").rows() == [
        ("events", 3, "more cells than columns", None, "b,y,3,oops")
    ]
    assert data.notes[1].startswith("events: 1 row repaired: fewer cells than columns")


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a folder of no known data set"):
        read_file(tmp_path)

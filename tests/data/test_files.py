import bz2
import gzip
import lzma
import random
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
        case ".ods":
            frame.to_pandas().to_excel(path, engine="odf", index=False)
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


def changed(content: bytes, luck: random.Random) -> bytes:
    """With some bytes others, some gone and some new."""
    found = bytearray(content)
    for _ in range(luck.choice([1, 2, 8])):
        at = luck.randrange(len(found))
        match luck.randrange(4):
            case 0:
                del found[at : at + luck.randrange(1, 20)]
            case 1:
                found[at:at] = luck.randbytes(luck.randrange(1, 9))
            case _:
                found[at] = luck.randrange(256)
        found = found or bytearray(b"x")
    return bytes(found)


@pytest.mark.parametrize(
    "name", [*(f"a{suffix}" for suffix in FORMATS), "a.csv.gz", "a.csv.bz2", "a.csv.xz", "a.csv.zst", "a.zip"]
)
def test_bytes_changed_at_random_give_a_table_or_our_error(tmp_path: Path, name: str) -> None:
    path, luck = tmp_path / name, random.Random(name)
    content = written(tmp_path / ("a.csv" if ".csv" in name or ".zip" in name else name))
    if name == "a.zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("a.csv", content)
        content = path.read_bytes()
    elif ".csv." in name:
        content = PACKERS[path.suffix](content)
    for _ in range(100):
        path.write_bytes(changed(content, luck))
        try:
            table = read_table(path)
        except DataError:
            continue
        assert table.rows_in == table.frame.height + table.rejected

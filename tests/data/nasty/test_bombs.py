"""Files made to fill a machine or to run something: refused in 5 seconds and 300 MiB, each in a process of its own."""

import bz2
import gzip
import json
import lzma
import os
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow
import pytest
import xlsxwriter

MIB = 1 << 20
ROWS = b"1,2\n" * (MIB // 4)
SECONDS, MEMORY = 5, 300
PROBE = """
import sys, time
from pathlib import Path
from penchant.data.read import read
from penchant.records.errors import DataError
start = time.perf_counter()
try:
    read(sys.argv[1])
    print("READ")
except DataError as error:
    print("REFUSED", error)
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(time.perf_counter() - start, int(peak.split()[1]) / 1024)
"""


class Harmful:
    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (os.environ["CANARY"],)


def packed(opened: Callable[..., object], suffix: str, piece: bytes, times: int) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / f"bomb{suffix}"
        with opened(path, "wb") as stream:  # type: ignore[attr-defined]
            stream.write(
                b"user_id,item_id\n" if ".csv" in suffix else b"[" if ".json" in suffix and piece[:1] == b"{" else b""
            )
            for _ in range(times):
                stream.write(piece)
        return path

    return write


def plain(suffix: str, content: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / f"bomb{suffix}").write_bytes(content)
        return folder / f"bomb{suffix}"

    return write


def zstd(path: Path, mode: str) -> object:
    return pyarrow.CompressedOutputStream(pyarrow.OSFile(str(path), mode), "zstd")


def zipped(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", ROWS * 128)
    return folder / "a.zip"


def zip_in_zip(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        archive.write(zipped(folder), "a.zip")
    return folder / "b.zip"


def zip_of_packed(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        archive.write(packed(gzip.open, ".csv.gz", ROWS, 256)(folder), "a.csv.gz")
    return folder / "b.zip"


def zip_of_many(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        for number in range(20_000):
            archive.writestr(f"{number:0200}.csv", b"")
    return folder / "a.zip"


def sheet(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b"<c/>" * (32 * MIB))
    return folder / "a.xlsx"


def two_cells_far_apart(folder: Path) -> Path:
    """A file of 5 kB for which its reader alone takes 512 GiB, and dies."""
    book = xlsxwriter.Workbook(folder / "a.xlsx")
    page = book.add_worksheet()
    page.write(0, 0, "user_id")
    page.write(1_048_575, 16_383, "x")
    book.close()
    return folder / "a.xlsx"


def repeated_cells(folder: Path) -> Path:
    """A sheet of OpenDocument whose one cell is said to stand there 16 billion times."""
    pl.DataFrame({"user_id": ["x"]}).to_pandas().to_excel(folder / "plain.ods", engine="odf", index=False)
    cell, times = b"<table:table-cell ", b'<table:table-cell table:number-columns-repeated="16384" '
    row, rows = b"<table:table-row>", b'<table:table-row table:number-rows-repeated="1048576">'
    with zipfile.ZipFile(folder / "plain.ods") as old, zipfile.ZipFile(folder / "a.ods", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(cell, times).replace(row, rows))
    return folder / "a.ods"


def old_book(folder: Path) -> Path:
    (folder / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(MIB))
    return folder / "a.xls"


def parquet_of_millions(folder: Path) -> Path:
    path = folder / "a.parquet"
    rows = 5_000_000
    pl.select(user_id=pl.repeat("u", rows), item_id=pl.repeat("i", rows)).write_parquet(path, row_group_size=rows)
    return path


def parquet_cell(folder: Path) -> Path:
    pl.DataFrame({"user_id": ["x" * (100 * MIB)]}).write_parquet(folder / "a.parquet")
    return folder / "a.parquet"


def parquet_columns(folder: Path) -> Path:
    pl.DataFrame({f"c{number}": ["a"] for number in range(60_000)}).write_parquet(folder / "a.parquet")
    return folder / "a.parquet"


def device(folder: Path) -> Path:
    (folder / "a.csv").symlink_to("/dev/zero")
    return folder / "a.csv"


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "a.csv")
    return folder / "a.csv"


BOMBS: dict[str, Callable[[Path], Path]] = {
    "gzip of rows": packed(gzip.open, ".csv.gz", ROWS, 256),
    "gzip of one cell": packed(gzip.open, ".csv.gz", b"0" * MIB, 256),
    "gzip of blank lines": packed(gzip.open, ".csv.gz", b"\n" * MIB, 256),
    "gzip of empty rows": packed(gzip.open, ".csv.gz", b",\n" * (MIB // 2), 256),
    "gzip of JSON lines": packed(gzip.open, ".jsonl.gz", b'{"user_id":1}\n' * (MIB // 14), 256),
    "gzip of a JSON array": packed(gzip.open, ".json.gz", b'{"user_id":1},' * (MIB // 14), 256),
    "gzip of open brackets": packed(gzip.open, ".json.gz", b"[" * MIB, 256),
    "bzip2": plain(".csv.bz2", bz2.compress(ROWS) * 512),
    "xz": plain(".csv.xz", lzma.compress(ROWS * 8) * 64),
    "zstandard": packed(zstd, ".csv.zst", ROWS, 256),
    "zip": zipped,
    "zip in zip": zip_in_zip,
    "gzip in zip": zip_of_packed,
    "zip of 20,000 members with long names": zip_of_many,
    "Excel sheet": sheet,
    "Excel with two cells far apart": two_cells_far_apart,
    "OpenDocument with a cell that stands there 16 billion times": repeated_cells,
    "an old Excel book": old_book,
    "Parquet of five million equal rows": parquet_of_millions,
    "Parquet with a cell of 100 MiB": parquet_cell,
    "Parquet of 60,000 columns": parquet_columns,
    "CSV with a cell of 10 MiB": plain(".csv", b"user_id,item_id\na," + b"x" * (10 * MIB)),
    "CSV with a cell of 80 MiB": plain(".csv", b"user_id,item_id\na," + b"x" * (80 * MIB)),
    "CSV with an open quote over 80 MiB": plain(".csv", b'user_id,item_id\n"' + b"a,b\n" * (20 * MIB)),
    "CSV with an open quote": plain(".csv", b'user_id,item_id\n"' + b"a,b\n" * (4 * MIB)),
    "CSV of a million columns": plain(".csv", b",".join(b"c%d" % number for number in range(1_000_000)) + b"\n"),
    "JSON with a cell of 10 MiB": plain(".jsonl", b'{"user_id":"' + b"x" * (10 * MIB)),
    "JSON of 150,000 columns": plain(".jsonl", json.dumps({f"c{number}": 1 for number in range(150_000)}).encode()),
    "JSON with a new key in each row": plain(".jsonl", b"".join(b'{"k%d":1}\n' % number for number in range(300_000))),
    "JSON array with an endless string": plain(".json", b'[{"user_id":"' + b"x" * (10 * MIB)),
    "device": device,
    "pipe": pipe,
}


def refused(path: Path, **environment: str) -> str:
    """The message that the file is refused with, within the limits."""
    found = subprocess.run(
        [sys.executable, "-c", PROBE, str(path)],
        capture_output=True, text=True, timeout=60, check=False, env=os.environ | environment,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr[-500:]
    message, figures = found.stdout.strip().rsplit("\n", 1)
    seconds, mebibytes = map(float, figures.split())
    assert message.startswith("REFUSED"), message
    assert seconds < SECONDS
    assert mebibytes < MEMORY
    return message


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_in_seconds_and_little_memory(tmp_path: Path, name: str) -> None:
    path = BOMBS[name](tmp_path)
    assert path.name in refused(path) or path.suffix == ".jsonl"


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".json", ".jsonl", ".parquet", ".xlsx", ".ods", ".csv.gz", ".zip"])
def test_pickles_are_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    canary = tmp_path / "canary"
    monkeypatch.setenv("CANARY", str(canary))
    for protocol in range(6):
        path = tmp_path / f"a{suffix}"
        content = pickle.dumps(Harmful(), protocol)
        path.write_bytes(gzip.compress(content) if suffix == ".csv.gz" else content)
        if protocol in (0, 5):  # the first is made of letters: as a table of text it has no columns of ours
            refused(path, CANARY=str(canary))
    assert not canary.exists()

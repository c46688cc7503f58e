import gzip
import os
import pickle
import sqlite3
from pathlib import Path

import pytest

from penchant.data.contents import contents, whole
from penchant.records.errors import DataError

SUFFIXES = (".csv", ".parquet", ".xlsx")


def test_plain_and_packed_files_can_be_opened_again_and_again(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"u,i\n")
    (tmp_path / "B.CSV.GZ").write_bytes(gzip.compress(b"u,i\n"))
    for name in ("a.csv", "B.CSV.GZ"):
        found = contents(tmp_path / name, SUFFIXES)
        assert found.suffix == ".csv"
        for _ in range(2):
            with found.open() as stream:
                assert stream.read() == b"u,i\n"
            with whole(found) as stream:
                assert stream.read() == b"u,i\n"


def test_links_to_files_are_followed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"u,i\n")
    (tmp_path / "link.csv").symlink_to(tmp_path / "a.csv")
    assert contents(tmp_path / "link.csv", SUFFIXES).open().read() == b"u,i\n"


def test_what_is_no_regular_file_is_refused_without_being_opened(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "folder.csv" / "inside").touch()
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nowhere")
    rules = {
        "folder.csv": r"folder of no known data set.*In it: inside",
        "pipe.csv": "device or a pipe",
        "zero.csv": "device or a pipe",
        "loop.csv": "no usable path|There is no file",
        "gone.csv": "There is no file",
        "a\0.csv": "no usable path|There is no file",
    }
    for name, rule in rules.items():
        with pytest.raises(DataError, match=rule):
            contents(tmp_path / name, SUFFIXES)


class Harmful:
    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (os.environ["CANARY"],)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_pickles_are_refused_whatever_they_are_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, protocol: int
) -> None:
    monkeypatch.setenv("CANARY", str(tmp_path / "canary"))
    path = tmp_path / f"a{suffix}"
    path.write_bytes(pickle.dumps(Harmful(), protocol))
    packed = tmp_path / f"b{suffix}.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    for name in (path, packed):
        with pytest.raises(DataError, match=rf"does not hold {suffix[1:]}; it is a pickle.*never opened"):
            contents(name, SUFFIXES)
    assert not (tmp_path / "canary").exists()


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("a.csv", gzip.compress(b"u,i\n"), r"does not hold csv but gz\. Rename it to \.gz"),
        ("a.csv.gz", b"PK\x03\x04...", "does not hold gz but zip"),
        ("a.csv", b"PAR1....", "does not hold csv but parquet"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel file or one with a password: save it as .xlsx"),
        ("a.csv.gz", gzip.compress(gzip.compress(b"u,i\n")), "does not hold csv but gz"),
        ("a.pdf", b"", r"ends in none of \.csv, \.parquet, \.xlsx \(packed as"),
        ("a.gz", b"", "ends in none of"),
    ],
)
def test_first_bytes_have_to_fit_the_name(tmp_path: Path, name: str, content: bytes, rule: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=rule):
        contents(tmp_path / name, SUFFIXES)


def test_a_database_called_csv_says_how_to_read_it(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with sqlite3.connect(path) as connection:
        connection.execute("create table ratings (user_id)")
    with pytest.raises(DataError, match=r"an SQLite database: name a table of it, as in sqlite:///.*a\.csv#<table>"):
        contents(path, SUFFIXES)

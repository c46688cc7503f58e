from pathlib import Path

import pytest

from penchant.data.sources.folder import Noting, file_of, first_line, found, matching
from penchant.records.errors import DataError


def test_files_are_found_by_their_name(tmp_path: Path) -> None:
    for name in ("b_meta.json.gz", "a_meta.json", "news.tsv"):
        (tmp_path / name).touch()
    (tmp_path / "meta.json").mkdir()
    assert [path.name for path in matching(tmp_path, "*meta.json")] == ["a_meta.json", "b_meta.json.gz"]
    assert found(tmp_path, "*.csv") is None
    with pytest.raises(DataError, match=r"has no file \*\.csv"):
        file_of(tmp_path, "*.csv")


def test_what_there_is_to_say_of_each_file_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_bytes("1\té\n2\n3\tx\n".encode("latin-1"))
    (tmp_path / "b.csv").write_bytes("用户\n甲\n".encode("gbk"))
    read = Noting()
    assert read.nameless(tmp_path / "a.tsv", ("id", "text")).rows() == [("1", "é"), ("2", None), ("3", "x")]
    assert read(tmp_path / "b.csv").rows() == [("甲",)]
    assert read.notes == [
        "a.tsv: read as LATIN-1",
        "a.tsv: 1 row repaired: fewer cells than columns, the others taken as empty (first: line 2)",
        "b.csv: read as GB18030",
    ]


def test_the_first_line_of_what_cannot_be_opened_is_empty(tmp_path: Path) -> None:
    assert first_line(tmp_path / "gone.csv") == b""
    (tmp_path / "a.csv").write_bytes(b"x\ny\n")
    assert first_line(tmp_path / "a.csv") == b"x\n"

import gzip
from pathlib import Path

import pytest

from penchant.data.read import read
from penchant.data.sources.recognise import KNOWN, known_tables, recognise
from penchant.records.errors import DataError


def test_names_are_known_in_any_case_and_packed(tmp_path: Path) -> None:
    (tmp_path / "Ratings.CSV.gz").write_bytes(gzip.compress(b"userId,movieId,rating,timestamp\n1,2,3,964982703\n"))
    (tmp_path / "movies.csv").write_text("movieId,title,genres\n2,A (1990),Drama\n")
    found = recognise(tmp_path)
    assert found
    assert found[0] == "MovieLens latest"
    assert found[1].events.height == 1


def test_each_known_set_has_a_name_of_its_own_and_something_to_be_known_by() -> None:
    assert len({known.name for known in KNOWN}) == len(KNOWN)
    assert all(known.files or known.also for known in KNOWN)


def test_other_folders_and_files_are_nobodys(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text("user,item\na,b\n")
    assert recognise(tmp_path) is None
    assert recognise(tmp_path / "events.csv") is None
    assert recognise(tmp_path / "gone") is None
    with pytest.raises(
        DataError, match=r"is a folder of no known data set, and a table is a file\. In it: events\.csv"
    ):
        read(tmp_path)


def test_frames_and_what_comes_with_items_are_left_as_they_are(tmp_path: Path) -> None:
    rows = [{"user": "a", "item": "b"}]
    assert known_tables(rows, None, None) == (rows, None, None, ())
    assert known_tables(tmp_path, rows, None) == (tmp_path, rows, None, ())


def test_rows_that_do_not_fit_are_counted_for_their_table_and_listed(tmp_path: Path) -> None:
    (tmp_path / "ratings.csv").write_text(
        "userId,movieId,rating,timestamp\n1,2,3,964982703\n1,3,3,964982704,x\n1,4,3,964982705\n"
    )
    (tmp_path / "movies.csv").write_text("movieId,title,genres\n2,A (1990),Drama\n3,B, or C (1991),Drama\n")
    data = read(tmp_path)
    reasons = ["ratings.csv: more cells than columns", "movies.csv: more cells than columns"]
    assert data.rejected.select("table", "row", "reason").rows() == [
        ("events", 3, reasons[0]),
        ("items", 3, reasons[1]),
    ]
    for name, reason in zip(("events", "items"), reasons, strict=True):
        report = data.report[name]
        assert report["dropped"] == {reason: 1}  # type: ignore[index]
        assert report["rows_in"] == report["rows_kept"] + 1  # type: ignore[index]


def test_files_of_a_known_name_with_other_columns_are_refused(tmp_path: Path) -> None:
    (tmp_path / "business.json").write_text('{"id": 1}\n')
    (tmp_path / "review.json").write_text('{"id": 1}\n')
    with pytest.raises(DataError, match=r"has the files of Yelp, but other columns in them.*one by one"):
        read(tmp_path)

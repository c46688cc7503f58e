import tempfile
from pathlib import Path

import polars as pl
import pytest

from penchant.data import scan
from penchant.data.read import read
from penchant.data.scan import RawTable, open_table
from penchant.records.errors import DataError

REVIEWS = ("", '"fine, really"', '"so so"')
ROWS = "user_id,item_id,rating,timestamp,review\n" + "".join(
    f"00{n % 7},i{n % 11},{1 + n % 5},{1_600_000_000 + n * 1000},{REVIEWS[n % 3]}\n" for n in range(90)
)
DIRTY = (
    ROWS
    + 'u,i,four,1600000000,\nu,,4,1600000000,\n,i,4,1600000000,\nu,i,4,0,\nu,i,4,1600000000000,"caf\u00c3\u00a9 &amp; more"\n'
    + ROWS.partition("\n")[2][:200].rpartition("\n")[0]
    + "\n"
)


def test_a_column_and_a_sample_keep_their_order() -> None:
    table = RawTable.of(pl.DataFrame({"a": range(10), "b": range(10)}))
    assert table["a"].to_list() == list(range(10))
    assert table.sample(4).rows() == [(0, 0), (3, 3), (6, 6), (9, 9)]
    assert table.without(("a",)).columns == ("b",)
    assert table.without(("a",)).frame().columns == ["b"]


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet"])
@pytest.mark.parametrize("text", [ROWS, DIRTY])
def test_a_file_that_stays_on_disk_reads_the_same(
    suffix: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pl.read_csv(text.encode(), infer_schema=False)
    path = tmp_path / f"events{suffix}"
    if suffix == ".parquet":
        frame.write_parquet(path)
    else:
        frame.write_csv(path, separator="," if suffix == ".csv" else "\t")
    whole = read(path)
    monkeypatch.setattr(scan, "BIG_BYTES", 0)
    scanned = read(path)
    assert scanned.events.equals(whole.events)
    assert scanned.rejected.equals(whole.rejected)
    assert scanned.items.equals(whole.items)
    assert scanned.users.equals(whole.users)
    assert (scanned.notes, scanned.report, scanned.rating_scale) == (whole.notes, whole.report, whole.rating_scale)


def test_small_files_are_read_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "events.csv"
    path.write_text(ROWS, encoding="utf-8")
    assert scan._scanned(path) is None
    monkeypatch.setattr(scan, "BIG_BYTES", len(ROWS))
    assert scan._scanned(path) is not None


@pytest.mark.parametrize(
    "content",
    [
        b"user_id,item_id\nu,i\nu,i,extra\n",
        b"user_id,item_id\nu,i\nu\n",
        b"user_id,item_id\nu,i\n\nv,i\n",
        b'user_id,review\nu,"two\nlines"\nv,\n',
        b"user_id,item_id\n\xd3\xc3,i\n",
        b"user_id;item_id\nu;i\n",
        b"u,1,5\nv,2,4\n",
        b"user_id,user_id\nu,i\n",
        b"\n\nuser_id,item_id\nu,i\n",
        b"user_id,item_id\ru,i\r",
        b"",
    ],
)
def test_what_a_single_pass_cannot_read_is_left_to_the_readers_of_files(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(content)
    monkeypatch.setattr(scan, "BIG_BYTES", 0)
    assert scan._scanned(path) is None


def test_an_empty_last_cell_is_no_short_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(b'user_id,item_id,review\nu,i,\nu,"a,b",\n')
    monkeypatch.setattr(scan, "BIG_BYTES", 0)
    table = scan._scanned(path)
    assert table is not None
    assert table["item_id"].to_list() == ["i", "a,b"]


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(b"\xef\xbb\xbfuser_id,item_id\n007,i\n")
    monkeypatch.setattr(scan, "BIG_BYTES", 0)
    table, _ = open_table(path)
    assert table.columns == ("user_id", "item_id")
    assert table["user_id"].to_list() == ["007"]


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    monkeypatch.setattr(scan, "BIG_BYTES", 0)
    path = tmp_path / "events.csv"
    path.write_text(ROWS, encoding="utf-8")
    table, _ = open_table(path)
    assert len(list(place.iterdir())) == 1
    read(path)
    del table
    assert list(place.iterdir()) == []


def test_a_parquet_file_that_claims_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "events.parquet"
    words = ("user_id", "item_id", "kind", "domain")
    pl.select(pl.repeat("a", 8_000_000).alias(word) for word in words).write_parquet(path)
    monkeypatch.setattr(scan, "BIG_BYTES", 0)
    with pytest.raises(DataError, match="claims 8,000,000 rows"):
        open_table(path)

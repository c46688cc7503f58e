import random
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet

from penchant.data.files import read_table
from penchant.data.parquet import FOOTER_BYTES, FREE
from penchant.records.errors import DataError


def test_types_are_kept_and_text_without_a_type_is_text(tmp_path: Path) -> None:
    frame = pl.DataFrame({"user_id": [b"007", "é".encode()], "rating": [4.5, None], "tags": [["a"], []]})
    frame.write_parquet(tmp_path / "a.parquet")
    table = read_table(tmp_path / "a.parquet")
    assert table.frame["user_id"].to_list() == ["007", "é"]
    assert table.frame.drop("user_id").equals(frame.drop("user_id"))
    assert table.rows_in == 2


def test_large_tables_of_equal_rows_are_no_bombs(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"user_id": ["u"]}).select(pl.col("user_id").repeat_by(1_000_000).explode()).write_parquet(path)
    assert path.stat().st_size < 100_000
    assert read_table(path).frame.height == 1_000_000


def test_more_rows_than_a_file_can_hold_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    rows = FREE // 16 + 1
    pl.DataFrame({"user_id": ["u"]}).select(pl.col("user_id").repeat_by(rows).explode()).write_parquet(path)
    with pytest.raises(DataError, match=rf"claims {rows:,} rows of 1 columns in .* 100 times"):
        read_table(path)


def test_binary_columns_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"user_id": [b"\xff\xfe"]}).write_parquet(path)
    with pytest.raises(DataError, match="cannot be read as parquet"):
        read_table(path)


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"user_id": [f"user {n}" for n in range(1000)]}).write_parquet(path)
    whole = path.read_bytes()
    for content in (whole[:-20], b"PAR1", whole[:100] + bytes(200) + whole[300:]):
        path.write_bytes(content)
        with pytest.raises(DataError, match="cannot be read as parquet"):
            read_table(path)


def test_a_footer_beyond_use_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"user_id": ["a"]}).write_parquet(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:4] + bytes(FOOTER_BYTES) + whole[4:-8] + (FOOTER_BYTES + 1).to_bytes(4, "little") + b"PAR1")
    with pytest.raises(DataError, match=r"describes itself in 16,777,217 bytes"):
        read_table(path)
    pl.DataFrame({f"c{number}": ["a"] for number in range(10_001)}).write_parquet(path)
    with pytest.raises(DataError, match=r"has 10,001 columns, and at most 10,000 are read"):
        read_table(path)


def test_all_types_come_out_as_polars_itself_reads_them(tmp_path: Path) -> None:
    numbers = range(70_000)
    frame = pl.DataFrame(
        {
            "user_id": [f"u{n % 500}" if n % 9 else None for n in numbers],
            "text": [f"a review of its own, number {n}" for n in numbers],
            "tags": [[f"t{n % 7}", "b"] if n % 5 else [] for n in numbers],
            "stars": [n / 3 for n in numbers],
            "time": pl.Series(numbers).cast(pl.Datetime("us")),
            "more": [{"x": n, "y": f"z{n % 3}"} for n in numbers],
        }
    )
    for writer in (frame.write_parquet, lambda path: parquet.write_table(frame.to_arrow(), path)):
        writer(tmp_path / "a.parquet")
        assert read_table(tmp_path / "a.parquet").frame.equals(frame)
        assert read_table(tmp_path / "a.parquet").frame.schema == frame.schema


def test_a_table_without_rows_keeps_its_columns(tmp_path: Path) -> None:
    pl.DataFrame(schema={"user_id": pl.String, "stars": pl.Float64}).write_parquet(tmp_path / "a.parquet")
    assert read_table(tmp_path / "a.parquet").frame.columns == ["user_id", "stars"]


def numbered(rows: int) -> pa.DictionaryArray:
    """One text of a megabyte, so many times."""
    return pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["x" * 1_000_000]))


def test_one_long_text_in_many_rows_is_one_text_in_memory(tmp_path: Path) -> None:
    """50 GB in full, out of 50 kB."""
    parquet.write_table(pa.table({"text": numbered(50_000)}), tmp_path / "a.parquet")
    frame = read_table(tmp_path / "a.parquet").frame
    assert frame["text"].str.len_bytes().cast(pl.Int64).sum() == 50_000 * 1_000_000


@pytest.mark.parametrize("shape", ["lists", "structs"])
def test_one_long_text_in_many_lists_is_refused(tmp_path: Path, shape: str) -> None:
    texts = numbered(50_000)
    lists = pa.ListArray.from_arrays(pa.array(range(50_001), pa.int32()), texts)
    column = lists if shape == "lists" else pa.StructArray.from_arrays([texts], ["a"])
    parquet.write_table(pa.table({"tags": column}), tmp_path / "a.parquet")
    with pytest.raises(DataError, match=r"repeats the texts of 'tags\..*' to more than"):
        read_table(tmp_path / "a.parquet")


def test_bytes_changed_at_random_never_end_the_process(tmp_path: Path) -> None:
    """polars alone aborts over one such file in some hundred."""
    path = tmp_path / "a.parquet"
    pl.DataFrame({"user_id": [f"u{n % 9}" for n in range(99)], "n": range(99), "tags": [["a"]] * 99}).write_parquet(
        path
    )
    whole, luck = path.read_bytes(), random.Random(0)
    for _ in range(400):
        content = bytearray(whole)
        for _ in range(luck.choice([1, 2, 8])):
            content[luck.randrange(len(content))] = luck.randrange(256)
        path.write_bytes(content)
        try:
            read_table(path)
        except DataError as error:
            assert "a.parquet" in str(error)  # noqa: PT017

from pathlib import Path

import polars as pl
import pytest

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

import gzip
import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penchant.data.frames import to_frame, to_polars
from penchant.data.read import read
from penchant.records.errors import DataError

KINDS = ["polars", "pandas", "pyarrow", "records"]
IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).filter(str.strip)
PAIRS = st.lists(st.tuples(IDS, IDS), min_size=1, max_size=6, unique=True)
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def needs(kind: str) -> None:
    if kind in ("pandas", "pyarrow"):
        pytest.importorskip(kind)


@pytest.mark.parametrize("kind", KINDS)
@given(pairs=PAIRS)
@FEW
def test_ids_survive_every_kind_of_frame_byte_for_byte(kind: str, pairs: list[tuple[str, str]]) -> None:
    needs(kind)
    table = to_frame(pl.DataFrame(pairs, schema=["user_id", "item_id"], orient="row"), kind)
    frame, found = to_polars(table)
    assert found == kind
    assert frame.rows() == pairs


@pytest.mark.parametrize("separator", [",", "\t"])
@given(pairs=PAIRS)
@FEW
def test_ids_survive_text_files_byte_for_byte(tmp_path: Path, separator: str, pairs: list[tuple[str, str]]) -> None:
    path = tmp_path / ("events.csv" if separator == "," else "events.tsv")
    pl.DataFrame(pairs, schema=["user_id", "item_id"], orient="row").write_csv(path, separator=separator)
    assert to_polars(path)[0].rows() == pairs


@pytest.mark.parametrize("kind", KINDS)
@given(values=st.lists(st.tuples(st.text(max_size=5), st.integers(-(2**31), 2**31)), min_size=1, max_size=5))
@FEW
def test_a_frame_goes_out_and_comes_back_the_same(kind: str, values: list[tuple[str, int]]) -> None:
    needs(kind)
    frame = pl.DataFrame(values, schema={"name": pl.String, "number": pl.Int64}, orient="row")
    back, found = to_polars(to_frame(frame, kind))
    assert found == kind
    assert back.equals(frame)


def test_answers_have_the_kind_of_frame_that_was_asked_for() -> None:
    frame = pl.DataFrame({"user_id": ["007"], "score": [0.5]})
    assert to_frame(frame, "records") == [{"user_id": "007", "score": 0.5}]
    assert to_frame(frame, "polars") is frame
    pandas = pytest.importorskip("pandas")
    assert isinstance(to_frame(frame, "pandas"), pandas.DataFrame)
    pyarrow = pytest.importorskip("pyarrow")
    assert isinstance(to_frame(frame, "pyarrow"), pyarrow.Table)


def test_csv_columns_stay_text(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("\ufeffuser_id,item_id,rating\n007,NA,4\n1e3,null,\n", encoding="utf-8")
    frame, _ = to_polars(path)
    assert frame.rows() == [("007", "NA", "4"), ("1e3", "null", None)]
    assert frame.columns[0] == "user_id"


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
@pytest.mark.parametrize("packed", [False, True])
def test_files_are_read_by_their_suffix(tmp_path: Path, suffix: str, packed: bool) -> None:
    frame, path = pl.DataFrame({"user_id": ["007"], "item_id": ["a b"]}), tmp_path / f"events{suffix}"
    {
        ".csv": frame.write_csv,
        ".tsv": lambda target: frame.write_csv(target, separator="\t"),
        ".jsonl": frame.write_ndjson,
        ".parquet": frame.write_parquet,
    }[suffix](path)
    if packed:
        path = path.with_name(path.name + ".gz")
        path.write_bytes(gzip.compress(path.with_suffix("").read_bytes()))
    assert to_polars(str(path))[0].equals(frame)


def test_quotes_in_recbole_files_are_letters(tmp_path: Path) -> None:
    path = tmp_path / "films.item"
    path.write_text('item_id:token\tmovie_title:token_seq\n1\t"Who\n', encoding="utf-8")
    assert to_polars(path)[0].rows() == [("1", '"Who')]


def test_whole_numbers_that_pandas_made_floats_are_ids_without_a_point() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"user_id": [1, None, 3], "item_id": ["a", "b", "c"]})
    assert read(frame).events["user_id"].to_list() == ["1", "3"]


def test_times_of_pandas_with_and_without_a_zone_agree() -> None:
    pandas = pytest.importorskip("pandas")
    local = pandas.to_datetime(["2020-01-01T08:00:00+08:00", "2020-01-01T09:00:00+08:00"])
    for times in (local, local.tz_convert(None)):
        data = read(pandas.DataFrame({"user": ["a", "b"], "item": ["x", "y"], "time": times}))
        assert data.events["timestamp"].to_list() == [1577836800, 1577836800 + 3600]


def test_mixed_and_missing_cells_of_records() -> None:
    frame, kind = to_polars([{"user_id": 7, "item_id": "x", "rating": 4}, {"user_id": "007", "rating": 3.5}])
    assert kind == "records"
    assert frame.rows() == [("7", "x", 4.0), ("007", None, 3.5)]


def test_categories_are_text() -> None:
    frame = pl.DataFrame({"stars": ["5", "3"]}, schema={"stars": pl.Categorical})
    assert to_polars(frame)[0]["stars"].to_list() == ["5", "3"]
    assert to_polars(frame)[0]["stars"].dtype == pl.String


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("gone.csv", None, r"There is no file .*gone\.csv\. Check the path"),
        ("events.pdf", b"", r"ends in none of \.csv.*Rename or convert"),
        ("events.parquet", b"no parquet", r"cannot be read as parquet"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, name: str, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        to_polars(tmp_path / name)


def test_what_is_no_table() -> None:
    with pytest.raises(DataError, match="not int"):
        to_polars(7)
    with pytest.raises(DataError, match=r"record 2 is 'x'"):
        to_polars([{"a": 1}, "x"])


def test_repeated_names_of_pandas_are_refused() -> None:
    pandas = pytest.importorskip("pandas")
    with pytest.raises(DataError, match=r"must be unique.*\['a', 'a'\]"):
        to_polars(pandas.DataFrame([[1, 2]], columns=["a", "a"]))


def test_records_of_json_lines_with_structs(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    rows = [{"uid": "1", "asin": "x", "context": {"device": "tv"}}, {"uid": "2", "asin": "y"}]
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    frame, _ = to_polars(path)
    assert [text and json.loads(text) for text in frame["context"]] == [{"device": "tv"}, None]

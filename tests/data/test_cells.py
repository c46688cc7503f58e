import polars as pl

from penchant.data.cells import as_text, column, from_records, stacked


def test_whole_numbers_too_large_for_floats_stay_exact_beside_fractions() -> None:
    assert column("id", [2**53 + 1, 0.5]).to_list() == [str(2**53 + 1), "0.5"]
    assert column("id", [2**53 - 1, 0.5]).to_list() == [2.0**53 - 1, 0.5]
    assert column("id", [10**45, 1]).to_list() == [str(10**45), "1"]


def test_objects_are_json_whatever_their_keys() -> None:
    assert column("o", [{"a": 1}, {"b": "é"}, None, "x"]).to_list() == ['{"a": 1}', '{"b": "é"}', None, "x"]
    assert column("o", [[1], {"b": 2}]).to_list() == ["[1]", '{"b": 2}']


def test_records_have_a_column_for_each_key() -> None:
    assert from_records([{"a": 1}, {"b": "x"}]).rows() == [(1, None), (None, "x")]


def test_tables_are_stacked_whatever_types_their_columns_have() -> None:
    frames = [
        pl.DataFrame({"id": [7, 8], "tags": [["x"], None]}),
        pl.DataFrame({"id": [0.5, 2.0], "tags": ["y", None]}),
        pl.DataFrame({"id": ["007", None], "tags": [None, None]}),
    ]
    both = stacked(frames)
    assert both["id"].to_list() == ["7", "8", "0.5", "2", "007", None]
    assert both["tags"].to_list() == ['["x"]', None, "y", None, None, None]
    assert stacked(frames[:2])["id"].to_list() == [7.0, 8.0, 0.5, 2.0]


def test_text_of_floats_has_no_point_where_they_are_whole() -> None:
    assert as_text(pl.Series([1.0, 2.5, None, float("inf"), 1e300])).to_list() == ["1", "2.5", None, "inf", "1e+300"]

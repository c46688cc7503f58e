import json
from pathlib import Path

import polars as pl
import pytest

from penchant.data.files import read_table
from penchant.data.jsonlines import ROWS
from penchant.data.parsing import BLOCK
from penchant.data.tables import Table
from penchant.records.errors import DataError


def read(tmp_path: Path, content: str | bytes, name: str = "a.jsonl") -> Table:
    (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return read_table(tmp_path / name)


@pytest.mark.parametrize(
    ("lines", "ids"),
    [
        ('{"id":"007"}\n{"id":"NA"}', ["007", "NA"]),
        ('{"id":7}\n{"id":"007"}\n', ["7", "007"]),
        ('{"id":9007199254740993}\n{"id":0.5}\n', ["9007199254740993", "0.5"]),
        ('{"id":123456789012345678901234567890123456789012345}\n', ["123456789012345678901234567890123456789012345"]),
        ('{"id":"2020-01-01"}\n{"id":"2020-01-02 00:00:00"}\n', ["2020-01-01", "2020-01-02 00:00:00"]),
        ('{"id":"\\ud83d\\ude00"}\r\n\r\n{"id":"a\\u0000b"}\r\n', ["😀", "a\0b"]),
        ('\ufeff{"id":"甲"}\n', ["甲"]),
    ],
)
def test_ids_are_exact(tmp_path: Path, lines: str, ids: list[str]) -> None:
    table = read(tmp_path, lines)
    assert table.frame["id"].cast(pl.String).to_list() == ids
    assert table.rejected == 0


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"id":', "no JSON"),
        ("[1]", "no JSON object"),
        ("null", "no JSON object"),
        ('{"id":"\\ud800"}', "half a letter (a lone surrogate)"),
        ('{"id":"\\udc00x"}', "half a letter (a lone surrogate)"),
        ('{"a":1} {"b":2}', "no JSON"),
        ('{"id":' + "[" * 100_000 + "]" * 100_000 + "}", "no JSON"),
    ],
)
def test_lines_that_are_no_objects_are_listed_and_the_others_kept(tmp_path: Path, line: str, reason: str) -> None:
    table = read(tmp_path, f'{{"id":"a"}}\n\n{line}\n{{"id":"b"}}\n')
    assert table.frame.rows() == [("a",), ("b",)]
    assert table.repairs.rows() == [(3, "rejected", reason, line[:200])]
    assert table.rows_in == 3
    assert table.notes == (f"1 row rejected: {reason} (first: line 3)",)


def test_lines_with_bytes_of_another_encoding_are_rejected(tmp_path: Path) -> None:
    table = read(tmp_path, '{"id":"甲"}\n{"id":"丙"}\n'.encode() + '{"id":"乙"}\n'.encode("gbk"))
    assert table.frame["id"].to_list() == ["甲", "丙"]
    assert table.repairs["line"].to_list() == [3]


def test_objects_within_objects_are_json_text(tmp_path: Path) -> None:
    rows = [{"id": n, "style": {f"key {n}": "é"}, "also": [{"x": 1}]} for n in range(500)]
    frame = read(tmp_path, "\n".join(map(json.dumps, rows))).frame
    assert frame.schema == {"id": pl.Int64, "style": pl.String, "also": pl.String}
    assert [json.loads(text) for text in frame["style"]] == [row["style"] for row in rows]


def test_blocks_with_other_columns_and_types_become_one_table(tmp_path: Path) -> None:
    text = "x" * 1000
    lines = [json.dumps({"id": n, "text": text}) for n in range(BLOCK // 1000 + 10)]
    lines += [json.dumps({"id": "007", "stars": 4}), "{", json.dumps({"id": 1.5})]
    table = read(tmp_path, "\n".join(lines))
    assert table.frame["id"].to_list() == [*map(str, range(BLOCK // 1000 + 10)), "007", "1.5"]
    assert table.frame["stars"].to_list()[-2:] == [4, None]
    assert table.repairs["line"].to_list() == [len(lines) - 1]


def test_a_line_of_megabytes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Line 2 of .*a\.jsonl is longer than 4,194,304 bytes"):
        read(tmp_path, '{"id":"a"}\n{"id":"' + "x" * 3 * BLOCK + '"}\n')


@pytest.mark.parametrize("indent", [None, 2])
def test_arrays_are_tables_too(tmp_path: Path, indent: int | None) -> None:
    rows = [{"id": f"00{n}", "tags": ["a,]", "[{"]} for n in range(ROWS + 5)]
    table = read(tmp_path, json.dumps(rows, indent=indent), "a.json")
    assert table.frame.to_dicts() == rows
    assert read(tmp_path, json.dumps(rows[:1]) + "\n", "b.json").frame.to_dicts() == rows[:1]


def test_objects_in_lines_may_be_called_json(tmp_path: Path) -> None:
    assert read(tmp_path, '{"id":"a"}\n{"id":"b"}\n', "a.json").frame["id"].to_list() == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('[\n{"a":1},\n{"a":', 3),
        ('[\n{"a":1},\n7]', 3),
        ('[{"a":1}', 1),
        ("[{}" + "[" * 100_000, 1),
        ('[{"a":1}] x', 1),
    ],
)
def test_broken_arrays_are_refused(tmp_path: Path, content: str, line: int) -> None:
    with pytest.raises(DataError, match=rf"no whole JSON array of objects: what comes in line {line} "):
        read(tmp_path, content, "a.json")


def test_elements_of_an_array_with_half_letters_are_rejected(tmp_path: Path) -> None:
    table = read(tmp_path, '[{"id":"a"},\n{"id":"\\ud800"}]', "a.json")
    assert table.frame["id"].to_list() == ["a"]
    assert table.repairs.row(0)[:3] == (2, "rejected", "half a letter (a lone surrogate)")


def test_files_without_objects(tmp_path: Path) -> None:
    for content in ("", " \n\n"):
        with pytest.raises(DataError, match=r"a\.jsonl is empty"):
            read(tmp_path, content)
    with pytest.raises(DataError, match=r"No line of .* can be used: 2 rows rejected: no JSON \(first: line 1\)"):
        read(tmp_path, "{\nx\n")
    assert read(tmp_path, "[]", "a.json").frame.is_empty()


def test_ever_new_keys_do_not_fill_the_machine(tmp_path: Path) -> None:
    """A column for each, for all rows: polars alone would take gigabytes."""
    with pytest.raises(DataError, match=r"has 20,000 columns, and at most 10,000"):
        read(tmp_path, "".join(f'{{"key {n}":1}}\n' for n in range(20_000)))
    with pytest.raises(DataError, match=r"spreads 9,000 cells over 9,000 rows and 9,000 columns"):
        read(tmp_path, "".join(f'{{"key {n}":1}}\n' for n in range(9_000)))
    lines = [f'{{"id":{n},"o":{{"key {n % 500}":1}}}}\n' for n in range(100_000)]
    assert read(tmp_path, "".join(lines)).frame["o"][99_999] == '{"key 499": 1}'
    nested = read(tmp_path, "".join(f'{{"id":{n},"o":{{"key {n}":1}}}}\n' for n in range(20_000))).frame
    assert nested["o"][19_999] == '{"key 19999": 1}'

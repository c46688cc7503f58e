"""Fixed nasty files, each with what has to come of it: the right ids byte for byte, or an error that helps.

Written as bytes in a table, so that no editor can mend them.
"""

import gzip
import lzma
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from penchant.data.files import read_table
from penchant.data.read import read
from penchant.records.errors import DataError

HEAD = b"user_id,item_id\n"
LONG_ID = "12345678901234567890123"
FAMILY, TURNED, COMPOSED, APART = "👨‍👩‍👧‍👦", "\u202eabc", "\u00e9", "e\u0301"


@dataclass(frozen=True)
class Good:
    """A file with the pairs of ids that are in it, and the lines that are rejected."""

    name: str
    content: bytes
    pairs: list[tuple[str | None, str | None]]
    rejected: tuple[int, ...] = ()
    suffix: str = ".csv"


@dataclass(frozen=True)
class Bad:
    """A file that cannot be used, with the message."""

    name: str
    content: bytes
    message: str
    suffix: str = ".csv"


def text(encoding: str, *pairs: tuple[str, str], head: str = "user_id,item_id") -> bytes:
    return "".join(f"{line}\n" for line in (head, *map(",".join, pairs))).encode(encoding)


CHINESE = [("甲", "这本书"), ("乙", "非常好看")]
GOOD = [
    Good("leading zeros", text("utf-8", ("007", "7"), ("7", "07")), [("007", "7"), ("7", "07")]),
    Good(
        "words for nothing",
        text("utf-8", ("NA", "null"), ("nan", "None"), ("N/A", "#N/A")),
        [("NA", "null"), ("nan", "None"), ("N/A", "#N/A")],
    ),
    Good(
        "ids that look like numbers",
        text("utf-8", ("1e5", "1.0"), ("0x1F", "1_000"), ("+7", "-0")),
        [("1e5", "1.0"), ("0x1F", "1_000"), ("+7", "-0")],
    ),
    Good(
        "ids that look like truth and time",
        text("utf-8", ("true", "2020-01-01"), ("FALSE", "12:30")),
        [("true", "2020-01-01"), ("FALSE", "12:30")],
    ),
    Good("23 digits", text("utf-8", (LONG_ID, "1")), [(LONG_ID, "1")]),
    Good(
        "text at row 20,001",
        text("utf-8", *[(str(n), "1") for n in range(20_000)], ("x7", "1")),
        [*((str(n), "1") for n in range(20_000)), ("x7", "1")],
    ),
    Good("byte order mark", text("utf-8-sig", *CHINESE), CHINESE),
    Good("GBK", text("gbk", *CHINESE), CHINESE),
    Good("GB18030 beyond GBK", text("gb18030", *CHINESE, ("㐀𠀀", "好")), [*CHINESE, ("㐀𠀀", "好")]),
    Good("UTF-16 with a mark", text("utf-16", *CHINESE), CHINESE),
    Good("UTF-16 LE without a mark", text("utf-16-le", *CHINESE), CHINESE),
    Good("UTF-16 BE without a mark", text("utf-16-be", *CHINESE), CHINESE),
    Good(
        "Latin-1",
        text("latin-1", ("José", "Amélie"), ("Zoë", "Misérables")),
        [("José", "Amélie"), ("Zoë", "Misérables")],
    ),
    Good(
        "mixed encodings", text("utf-8", *CHINESE) + text("gbk", ("丙", "丁"), head="戊,己"), CHINESE, rejected=(4, 5)
    ),
    Good("lone surrogate", HEAD + "甲,乙\n".encode() + b"\xed\xa0\x80,x\n", [("甲", "乙")], rejected=(3,)),
    Good("replacement letter of its own", text("utf-8", ("�", "x")), [("�", "x")]),
    Good("emoji with joiners", text("utf-8", (FAMILY, "👍🏽")), [(FAMILY, "👍🏽")]),
    Good("right-to-left override", text("utf-8", (TURNED, "\u200bx")), [(TURNED, "\u200bx")]),
    Good("twins of composition", text("utf-8", (COMPOSED, "x"), (APART, "x")), [(COMPOSED, "x"), (APART, "x")]),
    Good("blanks around", text("utf-8", (" a", "b "), ("\u00a0c", "\u3000d")), [(" a", "b "), ("\u00a0c", "\u3000d")]),
    Good("NUL in an id", HEAD + b"a\0b,\0\n", [("a\0b", "\0")]),
    Good("control letters", HEAD + b"a\x1b[31m,\x07\n", [("a\x1b[31m", "\x07")]),
    Good("line separators of Unicode", text("utf-8", ("a\u2028b", "c\x85d")), [("a\u2028b", "c\x85d")]),
    Good("CRLF", b"user_id,item_id\r\na,x\r\nb,y\r\n", [("a", "x"), ("b", "y")]),
    Good("CR alone", b"user_id,item_id\ra,x\rb,y\r", [("a", "x"), ("b", "y")]),
    Good("all line ends in one file", b"user_id,item_id\r\na,x\nb,y\rc,z", [("a", "x"), ("b", "y"), ("c", "z")]),
    Good("no last line end", HEAD + b"a,x", [("a", "x")]),
    Good("line ends in quotes", HEAD + b'"a\r\nb","x\n"\n"c\rd",y\n', [("a\r\nb", "x\n"), ("c\rd", "y")]),
    Good("quotes in quotes", HEAD + b'"a ""b""","""x"""\n', [('a "b"', '"x"')]),
    Good("quotes in the middle", HEAD + b'5" disk,x"y"z\n', [('5" disk', 'x"y"z')]),
    Good("separators in quotes", HEAD + b'"a,b","x;y"\n', [("a,b", "x;y")]),
    Good("empty cells", HEAD + b',x\na,\n"",y\n', [(None, "x"), ("a", None), ("", "y")]),
    Good(
        "longer and shorter rows",
        HEAD + b"a,x\nb\nc,y,z\nd,w,\ne,v\n",
        [("a", "x"), ("b", None), ("d", "w"), ("e", "v")],
        rejected=(4,),
    ),
    Good("blank lines", b"\n\n" + HEAD + b"\na,x\n\n\nb,y\n\n", [("a", "x"), ("b", "y")]),
    Good("breaks off", b"user_id,item_id,rating\na,x,4\nb,12", [("a", "x")], rejected=(3,)),
    Good("semicolons and decimal commas", b"user_id;item_id;rating\na;x;4,5\nb;y;3,5\n", [("a", "x"), ("b", "y")]),
    Good("bars", b"user_id|item_id|tags\na|x|p,q\nb|y|r\n", [("a", "x"), ("b", "y")]),
    Good("tabs in a .csv", b"user_id\titem_id\na,b\tx\n", [("a,b", "x")]),
    Good("commas in a .tsv", HEAD + b"a,x\nb,y\n", [("a", "x"), ("b", "y")], suffix=".tsv"),
    Good(
        "a quote that is a letter in a .tsv",
        b'user_id\titem_id\na\t"x\nb\ty\n',
        [("a", '"x'), ("b", "y")],
        suffix=".tsv",
    ),
    Good("a separator after every row", b"user_id,item_id,\na,x,\nb,y,\n", [("a", "x"), ("b", "y")]),
    Good("the same name twice", b"user_id,item_id,user_id\na,x,1\n", [("a", "x")]),
    Good("header alone", HEAD, []),
    Good(
        "one column of a million equal rows, packed",
        gzip.compress(b"user_id,item_id\n" + b"a,x\n" * 1_000_000),
        [("a", "x")] * 1_000_000,
        suffix=".csv.gz",
    ),
    Good(
        "two packed files joined",
        gzip.compress(HEAD + b"a,x\n") + gzip.compress(b"b,y\n"),
        [("a", "x"), ("b", "y")],
        suffix=".csv.gz",
    ),
    Good("xz of nothing but a header", lzma.compress(HEAD), [], suffix=".csv.xz"),
    Good(
        "JSON: 7 and 007",
        b'{"user_id":7,"item_id":1}\n{"user_id":"007","item_id":"1"}\n',
        [("7", "1"), ("007", "1")],
        suffix=".jsonl",
    ),
    Good("JSON: 23 digits", f'{{"user_id":{LONG_ID},"item_id":1}}\n'.encode(), [(LONG_ID, "1")], suffix=".jsonl"),
    Good(
        "JSON: beyond 2^53 beside a fraction",
        b'{"user_id":9007199254740993,"item_id":1}\n{"user_id":0.5,"item_id":1}\n',
        [("9007199254740993", "1"), ("0.5", "1")],
        suffix=".jsonl",
    ),
    Good(
        "JSON: half a letter",
        b'{"user_id":"\\ud800","item_id":"x"}\n{"user_id":"\\ud83d\\ude00","item_id":"y"}\n',
        [("😀", "y")],
        rejected=(1,),
        suffix=".jsonl",
    ),
    Good(
        "JSON: broken and foreign lines",
        b'{"user_id":"a","item_id":"x"}\n{"user_id":\n[1]\n\nnull\n{"user_id":"b","item_id":"y"}',
        [("a", "x"), ("b", "y")],
        rejected=(2, 3, 5),
        suffix=".jsonl",
    ),
    Good(
        "JSON: too deep",
        b'{"user_id":"a","item_id":"x"}\n{"user_id":' + b"[" * 99_999 + b"]" * 99_999 + b"}\n",
        [("a", "x")],
        rejected=(2,),
        suffix=".jsonl",
    ),
    Good(
        "JSON: keys that come late",
        b'{"user_id":"a"}\n{"item_id":"y","user_id":"b"}\n',
        [("a", None), ("b", "y")],
        suffix=".jsonl",
    ),
    Good(
        "JSON: a pretty array",
        b'[\n  {"user_id": "a",\n   "item_id": "x"},\n  {"user_id": "b", "item_id": "y"}\n]\n',
        [("a", "x"), ("b", "y")],
        suffix=".json",
    ),
]
BAD = [
    Bad("empty", b"", r"is empty\. Give a file with a header row"),
    Bad("only blank lines", b"\n\r\n\n", r"is empty"),
    Bad("only a mark", b"\xef\xbb\xbf", r"is empty"),
    Bad(
        "an open quote",
        HEAD + b'a,x\nb,"y\nc,z\n',
        r"ends within a quoted cell of the row that begins in line 3\. Close the quote there",
    ),
    Bad(
        "a cell of 10 MB",
        HEAD + b"a," + b"x" * (10 << 20) + b"\n",
        r"row of more than 4,194,304 bytes, after about 1 lines.*shorten the text",
    ),
    Bad(
        "a million columns",
        b",".join(b"c%d" % n for n in range(1_000_000)) + b"\n",
        r"columns, and at most 10,000 are read.*turn it so",
    ),
    Bad(
        "no row that fits",
        HEAD + b"a,b,c\nd,e,f\n",
        r"No row .* 2 rows rejected: more cells than columns \(first: line 2\)",
    ),
    Bad(
        "bytes of a program",
        b"\x7fELF\x02\x01\x01" + bytes(9) + bytes(range(256)),
        r"is no text: it holds NUL bytes.*Export it as UTF-8",
    ),
    Bad("Parquet called CSV", b"PAR1" + bytes(9), r"does not hold csv but parquet\. Rename it"),
    Bad("CSV called Parquet", HEAD + b"a,x\n", r"cannot be read as parquet.*Export it again", ".parquet"),
    Bad("CSV called Excel", HEAD + b"a,x\n", r"is no zip archive", ".xlsx"),
    Bad(
        "gzip cut off",
        gzip.compress(HEAD + bytes(range(65, 91)) * 99)[:-12],
        r"is damaged or cut off.*Pack or download it again",
        ".csv.gz",
    ),
    Bad("gzip within gzip", gzip.compress(gzip.compress(HEAD)), r"does not hold csv but gz", ".csv.gz"),
    Bad("JSON: an array cut off", b'[{"user_id":"a"},\n{"user_id":', r"what comes in line 2 .* breaks off", ".json"),
    Bad("JSON: nothing of use", b"a,b\n1,2\n", r"No line .* can be used: 2 rows rejected: no JSON", ".jsonl"),
]


def written(folder: Path, case: Good | Bad) -> Path:
    path = folder / f"events{case.suffix}"
    path.write_bytes(case.content)
    return path


def test_there_are_more_than_forty() -> None:
    names = [case.name for case in (*GOOD, *BAD)]
    assert len(set(names)) == len(names) >= 60


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.name)
def test_ids_come_out_byte_for_byte_and_no_row_goes_in_silence(tmp_path: Path, case: Good) -> None:
    table = read_table(written(tmp_path, case))
    assert table.frame.select(pl.col("user_id", "item_id").cast(pl.String)).rows() == case.pairs
    listed = table.repairs.filter(pl.col("fate") == "rejected")
    assert tuple(listed["line"]) == case.rejected
    assert table.rows_in == len(case.pairs) + len(case.rejected)


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_what_cannot_be_used_is_an_error_that_names_the_file(tmp_path: Path, case: Bad) -> None:
    path = written(tmp_path, case)
    with pytest.raises(DataError, match=case.message) as error:
        read_table(path)
    assert path.name in str(error.value)


STRANGE = {
    "no number": "1e999", "infinite": "inf", "not a number": "nan", "below the scale": "-5", "far beyond": "1e300",
}  # fmt: skip
TIMES = {
    "of 1899": "1899-12-30", "in the future": "2999-01-01", "in seconds": "1577836800", "in milliseconds": "1577836800000",
    "in microseconds": "1577836800000000", "none at all": "",
}  # fmt: skip


@pytest.mark.parametrize("value", STRANGE.values(), ids=list(STRANGE))
def test_strange_ratings_are_counted_and_reach_nothing(tmp_path: Path, value: str) -> None:
    path = tmp_path / "events.csv"
    path.write_text(
        "user_id,item_id,rating\n" + "".join(f"u{n},i{n},{n % 5 + 1}\n" for n in range(200)) + f"x,y,{value}\n"
    )
    data = read(path)
    ratings = data.events["value"].drop_nulls()
    assert (ratings.min(), ratings.max()) == (1.0, 5.0)
    report = data.report["events"]
    assert report["rows_in"] == 201 == report["rows_kept"] + sum(report["dropped"].values())  # type: ignore[index]
    assert report["rows_in"] - report["rows_kept"] == data.rejected.height  # type: ignore[index]


@pytest.mark.parametrize("value", TIMES.values(), ids=list(TIMES))
def test_strange_times_are_counted_and_mixed_units_agree(tmp_path: Path, value: str) -> None:
    path = tmp_path / "events.csv"
    rows = "".join(f"u{n},i{n},{1577836800 + n}\n" for n in range(200))
    path.write_text(f"user_id,item_id,timestamp\n{rows}x,y,{value}\n")
    data = read(path)
    report = data.report["events"]
    assert report["rows_in"] == 201 == report["rows_kept"] + data.rejected.height  # type: ignore[index]
    assert data.events["timestamp"].is_between(1577836800, 1577837000).all()

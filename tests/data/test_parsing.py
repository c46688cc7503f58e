import io
from pathlib import Path

import pytest

from penchant.data.contents import Contents
from penchant.data.dialect import Dialect
from penchant.data.encodings import Encoding
from penchant.data.parsing import BLOCK, OpenQuoteError, has_long_rows, parse
from penchant.records.errors import DataError

UTF8 = Encoding("utf-8", sound=True)


def rows(
    content: bytes, skip: int = 1, quote: str | None = '"'
) -> tuple[list[tuple[object, ...]], list[tuple[int, str]], bool]:
    dialect = Dialect(",", quote, ("user", "item"), skip, skip > 0)
    found = parse(Contents("a.csv", ".csv", lambda: io.BytesIO(content)), UTF8, dialect)
    return found.fitting.rows(), [(odd.place, odd.text) for odd in found.odd], found.breaks_off


def test_rows_that_fit_and_rows_that_do_not_know_their_places() -> None:
    content = b'user,item\na,x\nb\n\n"c\nc",z\nd,e,f\n'
    assert rows(content) == ([("a", "x", 0), ("c\nc", "z", 2)], [(1, "b"), (3, "d,e,f")], False)


def test_places_count_from_the_first_row_of_data() -> None:
    assert rows(b"a,x\nb\n", skip=0)[:2] == ([("a", "x", 0)], [(1, "b")])
    assert rows(b"\n\nuser,item\na\nb,y\n", skip=3)[:2] == ([("b", "y", 1)], [(0, "a")])


@pytest.mark.parametrize(("content", "place"), [(b'u,i\n"a,x', 0), (b'u,i\na,x\nb,"', 1), (b'u,i\na\n"b\n', 1)])
def test_an_open_quote_is_found_whatever_it_swallows(content: bytes, place: int) -> None:
    with pytest.raises(OpenQuoteError) as error:
        rows(content)
    assert error.value.place == place
    assert rows(content, quote=None)


def test_whether_the_last_row_is_whole() -> None:
    assert [rows(b"u,i\na,x" + end)[2] for end in (b"", b"\n", b"\r\n", b"\r")] == [True, False, False, False]
    assert not rows(b"")[0]


def test_a_row_of_megabytes_ends_it_with_about_its_line() -> None:
    with pytest.raises(DataError, match=r"a\.csv holds a row of more than 4,194,304 bytes, after about 3 lines"):
        rows(b"user,item\na,x\nb,y\nc," + b"z" * 3 * BLOCK)


def test_a_row_just_under_it_is_read(tmp_path: Path) -> None:
    assert len(str(rows(b"user,item\na," + b"z" * (BLOCK - 100) + b"\n")[0][0][1])) == BLOCK - 100


@pytest.mark.parametrize(
    ("content", "long"),
    [
        (b"a,b\n" * BLOCK, False),
        (b'"a\n""b",c\n' * (BLOCK // 4), False),
        (b"a,b\n" + b"x" * 2 * BLOCK, True),
        (b'a,"' + b"x\n" * BLOCK, True),
        (b"x" * (BLOCK - 1), False),
    ],
)
def test_long_rows_are_seen_without_reading_them(tmp_path: Path, content: bytes, long: bool) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    assert has_long_rows(tmp_path / "a.csv") == long

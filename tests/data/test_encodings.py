import io

import pytest

from penchant.data.encodings import Encoding, detect, utf8
from penchant.records.errors import DataError

CHINESE = "用户,商品,评论\n甲,乙,这本书非常好看，值得一读\n丙,丁,还行\n"
TRADITIONAL = "用戶,商品\n1,這本書非常好看，值得一讀\n2,音樂很好聽\n"
FRENCH = "user,title\n1,Misérables, Les\n2,L'été à la plage\n3,Café crème\n"
RUSSIAN = "user,title\n1,привет мир как дела\n2,хорошая книга очень\n"
KOREAN = "user,title\n1,안녕하세요 세계\n2,좋은 영화입니다\n"
POLISH = "user,title\n1,Zażółć gęślą jaźń\n2,dobrą książkę\n"


def taken(content: bytes) -> tuple[Encoding, bytes]:
    found = detect(lambda: io.BytesIO(content), "a.csv")
    with io.BufferedReader(utf8(io.BytesIO(content), found)) as stream:
        return found, stream.read()


@pytest.mark.parametrize(
    ("text", "written", "codec"),
    [
        (CHINESE, "utf-8", "utf-8"),
        (CHINESE, "utf-8-sig", "utf-8-sig"),
        (CHINESE, "gbk", "gb18030"),
        (CHINESE + "㐀𠀀\n", "gb18030", "gb18030"),
        (TRADITIONAL, "gbk", "gb18030"),
        (TRADITIONAL, "big5", "big5"),
        (CHINESE, "utf-16", "utf-16"),
        (CHINESE, "utf-16-le", "utf-16-le"),
        (CHINESE, "utf-16-be", "utf-16-be"),
        (FRENCH, "utf-16-le", "utf-16-le"),
        (FRENCH, "utf-16-be", "utf-16-be"),
        (FRENCH, "utf-32", "utf-32"),
        (FRENCH, "latin-1", "latin-1"),
        (FRENCH + "4,5 €\n", "cp1252", "cp1252"),
        (RUSSIAN, "cp1251", "cp1251"),
        (KOREAN, "euc-kr", "euc_kr"),
        (POLISH, "cp1250", "cp1250"),
    ],
)
def test_a_text_comes_out_as_it_was_written(text: str, written: str, codec: str) -> None:
    found, read = taken(text.encode(written))
    assert found == Encoding(codec, sound=True)
    assert read.decode() == text


def test_only_what_is_no_plain_utf8_is_worth_a_note() -> None:
    assert Encoding("utf-8", sound=True).note is None
    assert Encoding("utf-8-sig", sound=True).note is None
    assert Encoding("gb18030", sound=True).note == "read as GB18030"
    assert Encoding("utf-8", sound=False).note == "read as UTF-8, which some bytes do not fit"


def test_utf8_with_rows_of_another_encoding_stays_utf8_with_marks() -> None:
    found, read = taken("甲,乙\n".encode() * 3 + "丙,丁\n".encode("gbk"))
    assert found == Encoding("utf-8", sound=False)
    lines = read.decode().splitlines()
    assert lines[:3] == ["甲,乙"] * 3
    assert "�" in lines[3]


def test_lone_surrogates_are_damage_of_utf8_and_no_other_encoding() -> None:
    assert taken(b"a,b\n\xed\xa0\x80,x\n")[0] == Encoding("utf-8", sound=False)


def test_a_letter_of_the_file_itself_is_no_damage() -> None:
    assert taken("a,b\n�,x\n".encode())[0] == Encoding("utf-8", sound=True)


def test_an_end_is_put_after_the_text_and_the_last_byte_is_known() -> None:
    stream = utf8(io.BytesIO("甲\r\n".encode("utf-16")), Encoding("utf-16", sound=True), b"end")
    assert stream.read() == "甲\r\nend".encode()
    assert stream.last == b"\n"


@pytest.mark.parametrize(
    "content", [b"\x93NUMPY\x01\x00v\x00{'descr': '<f8'}", bytes(range(256)) * 9, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"]
)
def test_what_is_no_text(content: bytes) -> None:
    with pytest.raises(DataError, match=r"a\.csv is no text: it holds NUL bytes.*Export it as UTF-8"):
        detect(lambda: io.BytesIO(content), "a.csv")

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.data.mend import mend, mend_lists, mend_table


@pytest.mark.parametrize(
    ("broken", "whole", "reason"),
    [
        ("Caf\u00c3\u00a9 M\u00c3\u00bcller", "Café Müller", "mojibake"),
        ("It\u00e2\u20ac\u2122s fine", "It’s fine", "mojibake"),
        ("\u00e4\u00bd\u00a0\u00e5\u00a5\u00bd", "你好", "mojibake"),
        ("\u00c4\u00e3\u00ba\u00c3\u00ca\u00c0\u00bd\u00e7", "你好世界", "mojibake"),
        ("Rock &amp; Roll &#39;n&#x27; more", "Rock & Roll 'n' more", "HTML entities"),
        ("\ufeff做父母", "做父母", "control characters"),
        ("a\x00b\x1b[31mc\u202ed", "ab[31mcd", "control characters"),
    ],
)
def test_what_is_broken_is_mended_and_counted(broken: str, whole: str, reason: str) -> None:
    texts, counts = mend(pl.Series([broken, None, "whole"]))
    assert texts.to_list() == [whole, None, "whole"]
    assert counts == {reason: 1}


@pytest.mark.parametrize(
    "text",
    [
        "Crème brûlée à São Paulo, naïve façade",
        "Ærøskøbing Ýmsir ÀÉÎÕÜ ÆØÅÆØÅ ÀÈÌÒÙÀÈÌÒÙ",
        "日本語のテキスト、价格：¥99",
        "Привет, мир",
        "👨‍👩‍👧 family",
        "AT&T; R&D",
        "tab\tand\nline",
    ],
)
def test_honest_texts_stay_byte_for_byte(text: str) -> None:
    assert mend(pl.Series([text]))[0].to_list() == [text]


@given(st.lists(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)).filter(lambda t: "&" not in t)))
def test_plain_ascii_is_never_touched(texts: list[str]) -> None:
    mended, counts = mend(pl.Series(texts, dtype=pl.String))
    assert mended.to_list() == texts
    assert counts == {}


@given(st.text(st.sampled_from("你好世界电影很好看书酒店"), min_size=4, max_size=8))
def test_chinese_is_itself_again_however_it_was_decoded(text: str) -> None:
    latin = text.encode("utf-8").decode("latin-1")
    gbk = text.encode("gbk").decode("latin-1")
    assert mend(pl.Series([latin]))[0].to_list() == [text]
    assert mend(pl.Series([gbk]))[0].to_list() == [text]


def test_lists_are_mended_word_by_word() -> None:
    lists = pl.Series([["Action &amp; Adventure", "War"], None, [], ["Action &amp; Adventure"]])
    mended, counts = mend_lists(lists)
    assert mended.to_list() == [["Action & Adventure", "War"], None, [], ["Action & Adventure"]]
    assert counts == {"HTML entities": 1}


def test_only_named_text_columns_of_a_table_are_mended() -> None:
    frame = pl.DataFrame({"brand": ["L&#39;X"], "id": ["a&amp;b"], "year": [1999]})
    mended, counts = mend_table(frame, ["brand", "year"])
    assert mended.rows() == [("L'X", "a&amp;b", 1999)]
    assert counts == {"HTML entities": 1}


def test_the_owners_column_is_not_written_to() -> None:
    mine = pl.Series(["R&amp;B", "x"])
    mend(mine)
    assert mine.to_list() == ["R&amp;B", "x"]

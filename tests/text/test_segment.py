import os
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant.records.errors import DataError
from penchant.text.segment import WORDLIKE, Segmenter, read_user_words
from penchant.text.stop_words import BOTH, CHINESE, ENGLISH

plain = Segmenter()
data_needed = pytest.mark.skipif(
    "PENCHANT_DATA" not in os.environ, reason="$PENCHANT_DATA names no folder of data sets"
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("我来到北京清华大学", ["我", "来到", "北京", "清华大学"]),
        ("房间很大，早餐不错！", ["房间", "很大", "早餐", "不错"]),
        ("iPhone 15 Pro的屏幕", ["iPhone", "15", "Pro", "的", "屏幕"]),
        ("买了件T恤", ["买", "了", "件", "T恤"]),
        ("C++入门3.5折", ["C++", "入门", "3.5", "折"]),
        ("I don't like it.", ["I", "don't", "like", "it"]),
        ("naïve café", ["naïve", "café"]),
        ("обычный текст", ["обычный", "текст"]),
        ("हिन्दी 한국어", ["हिन्दी", "한국어"]),
        ("カタカナ", ["カタカナ"]),
        ("cafe\u0301", ["cafe\u0301"]),
        ("", []),
        (" ，。!! ", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert plain.words(text) == words


@given(st.text(max_size=40))
@settings(deadline=None)  # the first example loads dictionaries
def test_no_letter_is_lost(text: str) -> None:
    words, rest = plain.words(text), text
    for word in words:
        before, found, rest = rest.partition(word)
        assert found
        assert not WORDLIKE.search(before)
    assert not WORDLIKE.search(rest)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("我想买韶音骨传导耳机", "骨传导耳机"),
        ("新出的iPhone 15 Pro Max很贵", "iPhone 15 Pro Max"),
        ("做A/B测试吧", "A/B测试"),
        ("看C#入门书", "C#入门"),
    ],
)
def test_user_words_change_the_cut(text: str, word: str) -> None:
    assert word not in plain.words(text)
    assert word in Segmenter([word]).words(text)


def test_the_weight_of_a_word_decides() -> None:
    text = "江州市长江大桥"
    assert Segmenter({"江州市长": 3}).words(text) == plain.words(text) == ["江州", "市", "长江大桥"]
    assert Segmenter({"江州市长": 1_000_000}).words(text) == ["江州市长", "江", "大桥"]


def test_a_user_word_with_blanks_is_not_found_inside_another() -> None:
    assert Segmenter(["go pro"]).words("let's go professional") == ["let's", "go", "professional"]


def test_segmenters_do_not_share_their_words() -> None:
    Segmenter(["很好用"])
    assert Segmenter().words("这个很好用吧") == plain.words("这个很好用吧")


def test_a_dictionary_file(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("\ufeff骨传导耳机 5 n\n\n云计算\n凱特琳 nz\n", encoding="utf-8")
    assert read_user_words(path) == {"骨传导耳机": 5, "云计算": None, "凱特琳": None}
    assert Segmenter(read_user_words(path)).words("云计算骨传导耳机") == ["云计算", "骨传导耳机"]


@pytest.mark.parametrize("weight", ["0", "-3", "1.5"])
def test_weights_that_are_none(tmp_path: Path, weight: str) -> None:
    path = tmp_path / "words.txt"
    path.write_text(f"甲乙\n丙丁 {weight}", encoding="utf-8")
    with pytest.raises(DataError, match=f"words.txt, line 2 has '{weight}'"):
        read_user_words(path)


def test_a_dictionary_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes("甲".encode("gb18030"))
    with pytest.raises(DataError, match="cannot be read as UTF-8"):
        read_user_words(path)


def test_stop_words_go_on_request() -> None:
    text = "The room is 非常 干净 and not 贵的"
    assert Segmenter((), BOTH).words(text) == ["room", "干净", "not", "贵"]
    assert Segmenter((), CHINESE).words(text) == ["The", "room", "is", "干净", "and", "not", "贵"]
    assert Segmenter((), ENGLISH | {"room"}).words(text) == ["非常", "干净", "not", "贵", "的"]


def test_negations_are_no_stop_words() -> None:
    assert not BOTH & {"not", "no", "never", "don't", "不", "没", "没有", "别", "无"}


def test_a_column() -> None:
    texts = pl.Series("text", ["早餐不错", None, ""])
    words = plain.segment(texts)
    assert words.to_list() == [["早餐", "不错"], None, []]
    assert words.name == "text"
    assert plain.segment(texts.head(0)).dtype == pl.List(pl.String)


@data_needed
def test_chinese_is_cut_as_jieba_cuts_it() -> None:
    """On 6,000 real reviews all words with a Chinese letter stand where jieba has them; only Latin tokens differ."""
    jieba = pytest.importorskip("jieba")
    reviews = pl.read_parquet(Path(os.environ["PENCHANT_DATA"]) / "zh_reviews" / "reviews.parquet")["review"]
    theirs = equal = 0
    for text in reviews.sample(6000, seed=1):
        chinese = [
            [w for w in words if any("\u4e00" <= c <= "\u9fff" for c in w)]
            for words in (jieba.lcut(text), plain.words(text))
        ]
        theirs += len(chinese[0])
        equal += len(chinese[0]) if chinese[0] == chinese[1] else len(set(chinese[0]) & set(chinese[1]))
    assert theirs > 150_000
    assert equal / theirs > 0.9995

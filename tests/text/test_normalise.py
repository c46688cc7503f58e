import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant.records.errors import ConfigError, DataError
from penchant.text.normalise import Script, normalise, normalise_text

SCRIPTS: tuple[Script, ...] = ("keep", "simplified", "traditional")
ODD = "aé 　\n\t\u200b\u202e\ufeff\u200dＡ１．，ｱﾞÃ©â€™&amp;；<ﬁ½가한后後發发乾干隻只皇頭乾坤臺台裡裏於"
writing = st.text(st.sampled_from(ODD) | st.characters(codec="utf-8"), max_size=40)


@given(writing, st.sampled_from(SCRIPTS))
@settings(deadline=None)  # the first example loads dictionaries
def test_twice_is_once(text: str, script: Script) -> None:
    once = normalise_text(text, script)
    assert normalise_text(once, script) == once


@given(st.lists(writing | st.none(), max_size=8), st.sampled_from(SCRIPTS))
@settings(deadline=None)  # the first example loads dictionaries
def test_a_column_is_as_its_texts(texts: list[str | None], script: Script) -> None:
    one_by_one = [None if text is None else normalise_text(text, script) for text in texts]
    assert normalise(pl.Series("text", texts, pl.String), script).to_list() == one_by_one


@pytest.mark.parametrize(
    ("right", "wrongly_read"),
    [
        ("你好，世界。很好看的书！", "latin-1"),
        ("обычный текст", "latin-1"),
        ("Übergrößenträger", "cp1252"),
        ("il café è più caldo", "cp1252"),
        ("“ça va…”", "latin-1"),
    ],
)
def test_mojibake_is_mended(right: str, wrongly_read: str) -> None:
    broken = right.encode().decode(wrongly_read)
    assert broken != right
    assert normalise_text(broken) == right


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("ＡＢＣ　１２３", "ABC 123"),
        ("ｱﾊﾞｶﾞ", "アバガ"),
        ("１．５折", "1.5折"),
        ("很安静．前面", "很安静．前面"),  # somebody's full stop
        ("好，是吗？（对）", "好，是吗？（对）"),
        ("x² ½ ① ™", "x² ½ ① ™"),  # NFKC would say x2 1⁄2 1 TM
        ("(￣ω￣)", "(¯ω¯)"),
        ("ﬁne", "fine"),
        ("cafe\u0301", "café"),
        ("a\u200bb\u202ec\x00\u00add", "abcd"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        (" a \r\n\n b\t\u00a0 c ", "a\nb c"),
        ("&quot;5 &amp; 6&quot;", '"5 & 6"'),
        ("it’s “it”", "it’s “it”"),
        ("", ""),
    ],
)
def test_characters(text: str, clean: str) -> None:
    assert normalise_text(text) == clean


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [("皇后以後發現", "皇后以后发现"), ("頭髮乾了", "头发干了"), ("乾坤", "乾坤"), ("後臺軟體", "后台软体")],
)
def test_scripts_by_phrase(traditional: str, simplified: str) -> None:
    assert normalise_text(traditional, "simplified") == simplified
    assert normalise_text(traditional) == traditional
    assert normalise_text("皇后以后", "traditional") == "皇后以後"


def test_ids_are_refused() -> None:
    with pytest.raises(DataError, match="byte for byte, but 'item_id'"):
        normalise(pl.Series("item_id", ["Ａ"]))


def test_a_script_that_is_none() -> None:
    with pytest.raises(ConfigError, match=r"No script 'simplfied'\. Did you mean 'simplified'"):
        normalise_text("x", "simplfied")  # type: ignore[arg-type]


def test_no_texts() -> None:
    assert normalise(pl.Series("text", [], pl.String)).to_list() == []

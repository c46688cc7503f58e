"""Text as it should have been typed: broken encodings mended, widths folded, invisible characters gone, blanks single.

Knows characters (and, for simplified and traditional Chinese, OpenCC's phrases); nothing of meaning. Punctuation stays as it
is, because a Chinese full-width comma is no mistake. Ids are kept byte for byte elsewhere and are refused here.
"""

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Literal

import polars as pl

from penchant.records.errors import ConfigError, DataError, suggestion

if TYPE_CHECKING:
    from opencc import OpenCC

Script = Literal["keep", "simplified", "traditional"]

OPENCC = {"simplified": "t2s", "traditional": "s2t"}
"""OpenCC's conversions, which go by phrase: 皇后 keeps its 后, 以后 becomes 以後."""
KEPT = "，！？：；（）～［］｛｝．"
"""Punctuation of Chinese, which is wide by right."""
WIDE_POINT = re.compile(r"(?<=[0-9A-Za-z])．(?=[0-9A-Za-z])")
INVISIBLE = (
    *range(0x00, 0x09),
    *range(0x0E, 0x20),
    *range(0x7F, 0xA0),
    0xAD,
    0x061C,
    *range(0x200B, 0x200D),  # the joiner U+200D stays: it holds emoji together
    0x200E,
    0x200F,
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2065),
    *range(0x2066, 0x206A),
    0xFEFF,
    *range(0xFFF9, 0xFFFC),
)
"""Controls, zero-width blanks, soft hyphens, and marks that turn the direction of writing."""
ROUNDS = 5
PLAIN = r"^(?:[!-%'-~\p{Unified_Ideograph}，。！？：；（）、《》【】“”‘’]+(?:[ \n]|$))*$"
"""Texts that normalisation leaves alone, if Chinese may stay as it is."""


def check_script(script: str) -> None:
    """Raises ConfigError for a script that is none of "keep", "simplified" and "traditional"."""
    if script not in ("keep", *OPENCC):
        raise ConfigError(f"No script {script!r}. {suggestion(script, ('keep', *OPENCC))}")


def normalise(texts: pl.Series, script: Script = "keep") -> pl.Series:
    """The column with each text normalised as `normalise_text` does; null stays null.

    Raises:
        DataError: the column holds ids.
        ConfigError: the script is none that is known.

    >>> normalise(pl.Series("title", ["ＡＢＣ　１２３", None, "caf\\u00c3\\u00a9"])).to_list()
    ['ABC 123', None, 'café']
    """
    if texts.name.endswith("_id"):
        raise DataError(f"Ids are kept byte for byte, but {texts.name!r} was to be normalised. Give a column of texts.")
    plain = texts.str.contains(PLAIN) & ~texts.str.ends_with(" ") & ~texts.str.ends_with("\n")
    if script != "keep":
        plain &= ~texts.str.contains(r"\p{Unified_Ideograph}")
    rest = texts.filter(~plain).unique()
    mended = pl.Series([normalise_text(text, script) for text in rest], dtype=pl.String)
    return texts.replace(rest, mended)


def normalise_text(text: str, script: Script = "keep") -> str:
    """Mojibake mended (ftfy), letters and digits of normal width, NFC, no invisible characters, single blanks.

    `script` turns Chinese into one of its two scripts, or keeps it. Doing it twice changes nothing more.

    >>> normalise_text("以後  發現", "simplified"), normalise_text("皇后以后", "traditional")
    ('以后 发现', '皇后以後')
    """
    for _ in range(ROUNDS):
        before, text = text, _once(text, script)
        if text == before:
            break
    return text


def _once(text: str, script: Script) -> str:
    text = WIDE_POINT.sub(".", _mend(text).translate(_table()))
    text = re.sub(r"[^\S\n]+", " ", unicodedata.normalize("NFC", text))
    text = re.sub(r" ?\n[ \n]*", "\n", text).strip()
    return text if script == "keep" else str(_converter(script).convert(text))


def _mend(text: str) -> str:
    from ftfy import TextFixerConfig, fix_text

    config = TextFixerConfig(uncurl_quotes=False, fix_character_width=False, explain=False)
    return str(fix_text(text, config))


@cache
def _table() -> dict[int, str]:
    """What single characters become: wide and narrow forms normal, invisible ones nothing."""
    forms = {code: unicodedata.decomposition(chr(code)).split() for code in (0x3000, *range(0xFF01, 0xFFEF))}
    folded = {code: chr(int(form[1], 16)) for code, form in forms.items() if form and chr(code) not in KEPT}
    return folded | dict.fromkeys(INVISIBLE, "")


@cache
def _converter(script: Script) -> "OpenCC":
    from opencc import OpenCC

    check_script(script)
    return OpenCC(OPENCC[script])

"""Broken text repaired: entities of web pages, mojibake, characters that nobody typed. For texts and titles, never for ids."""

import html
from collections.abc import Callable, Mapping, Sequence

import polars as pl

ENTITY = r"&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});"
CONTROL = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff]"
"""Control characters but tab and line ends; turns of the writing direction; invisible marks. Joiners of emoji stay."""
CP1252 = "\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122"
UTF8_AS_LATIN = f"[\u00c2-\u00f4][\u0080-\u00bf{CP1252}]"
COMMON_FIRST, COMMON_LAST = b"\xb0\xa1", b"\xd7\xf9"
"""Level 1 of GB 2312: the commonest Chinese characters."""
MARKS = "，。！？；：、（）《》“”‘’…—·"
SUSPECT = f"{UTF8_AS_LATIN}|[├┬╬√][\u0080-\uffff]|[\u00a1-\u00ff]{{4}}"
"""What every mojibake that is looked for here holds: few honest texts do, and those are left as they are."""


def mend(texts: pl.Series) -> tuple[pl.Series, dict[str, int]]:
    """Texts (String) without what broke them, and how many were mended of what.

    >>> mend(pl.Series(["Action &amp; Adventure", "donâ€™t", "plain", None]))[0].to_list()
    ['Action & Adventure', 'don’t', 'plain', None]
    """
    steps: dict[str, tuple[str, Callable[[str], str]]] = {
        "HTML entities": (ENTITY, html.unescape),
        "mojibake": (SUSPECT, _decode_again),
    }
    counts = {}
    for name, (pattern, repair) in steps.items():
        texts, counts[name] = _repaired(texts, pattern, repair)
    clean = texts.str.replace_all(CONTROL, "")
    counts["control characters"] = int((clean != texts).sum())
    return clean, {name: count for name, count in counts.items() if count}


def mend_lists(lists: pl.Series) -> tuple[pl.Series, dict[str, int]]:
    """`mend` for a column of lists of texts; the counts are of distinct texts."""
    words = lists.explode().drop_nulls().unique(maintain_order=True)
    mended, counts = mend(words)
    changed = mended != words
    if not changed.any():
        return lists, counts
    old, new = words.filter(changed).to_list(), mended.filter(changed).to_list()
    return lists.list.eval(pl.element().replace(old, new)), counts


def mend_table(frame: pl.DataFrame, names: Sequence[str]) -> tuple[pl.DataFrame, Mapping[str, int]]:
    """`mend` for those of the named columns that are text."""
    total: dict[str, int] = {}
    for name in names:
        if frame.schema[name] == pl.String:
            column, counts = mend(frame[name])
            frame = frame.with_columns(column)
            for reason, count in counts.items():
                total[reason] = total.get(reason, 0) + count
    return frame, total


def _repaired(texts: pl.Series, pattern: str, repair: Callable[[str], str]) -> tuple[pl.Series, int]:
    rows = texts.str.contains(pattern).fill_null(value=False).arg_true()
    if not len(rows):
        return texts, 0
    old = texts.gather(rows)
    new = pl.Series([repair(text) for text in old], dtype=pl.String)
    # A copy: scatter writes into the series itself, which is its owner's.
    return texts.clone().scatter(rows, new), int((old != new).sum())


def _decode_again(text: str) -> str:
    """Text that was decoded in the wrong way: GBK as Latin-1, or UTF-8 as anything (ftfy knows how)."""
    import ftfy

    return _from_gbk(text) or ftfy.fix_encoding(text)


def _from_gbk(text: str) -> str | None:
    """ÄãºÃÊÀ½ç is 你好世界: taken for that if nearly all that changes becomes one of the 3,755 commonest characters.

    >>> _from_gbk("ÄãºÃÊÀ½ç!"), _from_gbk("naïve café")
    ('你好世界!', None)
    """
    raw = text.encode("latin-1", errors="ignore")
    if len(raw) < len(text) or _decodes(raw, "utf-8"):
        return None
    decoded = _decodes(raw, "gbk")
    changed = [letter for letter in decoded or "" if ord(letter) > 127]
    common = [letter for letter in changed if COMMON_FIRST <= letter.encode("gbk") <= COMMON_LAST or letter in MARKS]
    return decoded if len(changed) >= 2 and len(common) >= 0.9 * len(changed) else None


def _decodes(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None

"""Reviews in pieces that say one thing each: sentences, cut at commas and at turns such as "but" too. Chinese and English.

It knows where pieces begin and end, not what they say.
"""

import re

END = re.compile(
    r"[。！？!?；;…~～\n]+|[，、]|,(?!\d)|(?<!\d),|\.(?=\s|$|[^\x00-\x7f])|(?<=[\u4e00-\u9fff])[ \u3000.]+(?=[\u4e00-\u9fff])"
    r"|\s[-–—]+\s|——|(?=(?:但是|可是|不过|只是|然而|就是(?=[^说])))|\s(?=(?:but|although|though|however|while|except)\b)",
    re.IGNORECASE,
)
WORD = re.compile(r"\w")


def clauses(text: str) -> list[tuple[int, int]]:
    """Begin and end of each piece, in order, apart from each other; every letter and digit of the text is in one.

    >>> text = "房间很大，但是早餐一般。Nice view, but noisy at night."
    >>> [text[begin:end] for begin, end in clauses(text)]
    ['房间很大', '但是早餐一般', 'Nice view', 'but noisy at night']
    """
    cuts = [(match.start(), match.end()) for match in END.finditer(text)]
    begins = [0, *(end for _, end in cuts)]
    ends = [*(begin for begin, _ in cuts), len(text)]
    return [span for span in map(lambda b, e: _trimmed(text, b, e), begins, ends) if span is not None]


def _trimmed(text: str, begin: int, end: int) -> tuple[int, int] | None:
    """Without what is no word or bracket at both ends; None where no word is left."""
    piece = text[begin:end]
    if not WORD.search(piece):
        return None
    return begin + len(piece) - len(piece.lstrip()), end - (len(piece) - len(piece.rstrip()))

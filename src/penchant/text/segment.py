"""Words of Chinese, English and mixed text, cut by jieba's dictionary and model for unknown words.

Knows nothing of grammar, and only the words of its dictionary and of the user's. Words of other scripts are cut at blanks and
punctuation, so Japanese and Thai stay coarse. The dictionary is simplified Chinese: normalise traditional texts first.

The cuts come from `rjieba`, which differs from `jieba` only in keeping Latin words such as "Wi-Fi" whole
(docs/experiments.md, 2026-11-25).
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import polars as pl
import regex

from penchant.records.errors import DataError

WHOLE = (
    r"[A-Za-z]++(?:['’][A-Za-z]++)++",  # don't
    # Words with a letter that is neither ASCII nor Chinese: rjieba would cut them into letters.
    r"(?=[A-Za-z]*+[[\p{L}\p{M}]--[\p{Han}A-Za-z]])[[\p{L}\p{M}]--\p{Han}]++",
)
JIEBA_WORD = regex.compile(r"[\p{Han}A-Za-z0-9+#&._%-]+")
"""What rjieba can keep whole if its dictionary has it."""
WORDLIKE = regex.compile(r"[\p{L}\p{N}]")


def read_user_words(path: Path) -> dict[str, int | None]:
    """A dictionary in jieba's form: a word a line, then maybe its weight, then maybe its kind (which is not used).

    Raises:
        DataError: a line whose weight is no whole number above 0, or a file that is no UTF-8 text.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"The dictionary {path} cannot be read as UTF-8 text ({error}). Save it as UTF-8.") from error
    return dict(_entry(line, f"{path}, line {number}") for number, line in enumerate(lines, 1) if line.strip())


def _entry(line: str, place: str) -> tuple[str, int | None]:
    word, *rest = line.split()
    if not rest or not regex.search(r"\d", rest[0]):
        return word, None
    if not rest[0].isdecimal() or int(rest[0]) < 1:
        raise DataError(f"A weight is a whole number above 0, but {place} has {rest[0]!r}. Mend it or leave it out.")
    return word, int(rest[0])


class Segmenter:
    """Cuts texts into words; blanks and punctuation are left out.

    user_words: words to know besides the dictionary's, maybe with weights (how often the word stands in a text of 60 million
        words; 3 is rare). A word without a weight gets one with which it stays whole if it stands alone.
    stop_words: words to leave out, in any case of letters; `stop_words.BOTH` is a start.

    >>> from penchant.text.stop_words import BOTH
    >>> Segmenter().words("我喜欢Python3.11和Wi-Fi！")
    ['我', '喜欢', 'Python3.11', '和', 'Wi-Fi']
    >>> Segmenter(["骨传导耳机"], BOTH).words("我买的骨传导耳机")
    ['买', '骨传导耳机']
    """

    def __init__(
        self, user_words: Iterable[str] | Mapping[str, int | None] = (), stop_words: Iterable[str] = ()
    ) -> None:
        from rjieba import Jieba

        weights = user_words if isinstance(user_words, Mapping) else dict.fromkeys(user_words)
        self.stop_words = frozenset(word.casefold() for word in stop_words)
        self._jieba = Jieba()
        for word, weight in weights.items():
            if JIEBA_WORD.fullmatch(word):
                self._jieba.add_word(word, weight, None)
        # The rest holds blanks or signs at which rjieba always cuts: longest first, never inside a longer Latin word.
        others = sorted((word for word in weights if not JIEBA_WORD.fullmatch(word)), key=len, reverse=True)
        literal = [rf"(?<![A-Za-z0-9]){regex.escape(word)}(?![A-Za-z0-9])" for word in others if word.strip()]
        self._whole = regex.compile("|".join((*literal, *WHOLE)), regex.V1)

    def words(self, text: str) -> list[str]:
        """The words of one text in their order, as they are written there."""
        return [word for word in self._cut(text) if WORDLIKE.search(word) and word.casefold() not in self.stop_words]

    def segment(self, texts: pl.Series) -> pl.Series:
        """The words of a column of texts, List(String); null stays null."""
        rows = [None if text is None else self.words(text) for text in texts]
        return pl.Series(texts.name, rows, dtype=pl.List(pl.String))

    def _cut(self, text: str) -> Iterator[str]:
        done = 0
        for match in self._whole.finditer(text):
            yield from self._jieba.cut(text[done : match.start()])
            yield match.group()
            done = match.end()
        yield from self._jieba.cut(text[done:] if done else text)

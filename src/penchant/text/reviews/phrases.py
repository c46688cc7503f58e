"""Names of things in reviews, found without a list: what people name often and in the places where names stand.

Chinese by the word kinds of jieba's tagger, English by the company that a word keeps: after "the", before "is", not after "very".
It knows nothing of feelings and nothing of what belongs together.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from penchant.text.stop_words import BOTH


def _words(text: str) -> list[str]:
    return text.split()


CHINESE_NAMES = ("n", "nz", "vn", "nt", "l")
LATIN = re.compile(r"[a-z][a-z'&+-]*")
CHINESE = re.compile(r"[\u4e00-\u9fff]{2,}")
BEFORE_NAMES = frozenset(_words("the a an my your his its our their this that these those no any some and of with"))
AFTER_NAMES = frozenset(_words("is are was were has had looks look feels seems works sucks and"))
BEFORE_QUALITIES = frozenset(
    _words("very so too really quite pretty extremely is are was were be been being not more most i you they we to")
)
MIN_COMPANY = 0.1
"""Least share of a word's places that speak for a name, after those that speak against it."""
VAGUE = frozenset(
    _words("""thing things lot lots bit way time times day days year years people person one ones kind something nothing
everything anything everyone hour hours fun money place point part
东西 时候 问题 感觉 时间 地方 情况 朋友 个人 人员 方面 结果 时侯 建议 总体 整体 不足 原因 缺点 优点 有点 大家 老婆 老公 孩子""")
)
DEGREES = tuple("太很最更好非超不没多")


class Token(NamedTuple):
    """`kind` as jieba tags it; "eng" for Latin words, "x" for signs and blanks."""

    word: str
    kind: str


def tag(text: str, words: tuple[str, ...] = ()) -> list[Token]:
    """The words and signs of a text, in lower case; Chinese `words` of the user stay whole and are names.

    >>> [token.word for token in tag("早餐 was GOOD!")]
    ['早餐', 'was', 'good', '!']
    """
    return [Token(word, kind) for word, kind in _tagger(words).tag(text.lower(), True) if not word.isspace()]


@cache
def _tagger(words: tuple[str, ...]) -> Any:
    """Half a second of loading, once."""
    from rjieba import Jieba

    tagger = Jieba()
    for word in words:
        tagger.add_word(word.lower(), None, CHINESE_NAMES[0])
    return tagger


def names_of(texts: Sequence[str], min_count: int = 5, most: int = 400, words: tuple[str, ...] = ()) -> dict[str, int]:
    """Words and pairs of words that name things, with the number of texts that hold each; the `most` commonest first.

    A pair stands for itself where its words are names and stand together in `min_count` texts or more. `words`: Chinese
    names that the dictionary does not know.
    """
    tagged = [tag(text, words) for text in texts]
    names = _english_names(tagged, min_count) | _chinese_names(tagged)
    counts: Counter[str] = Counter()
    for tokens in tagged:
        counts.update(set(_phrases(tokens, names)))
    frequent = [phrase for phrase, count in counts.items() if count >= min_count and phrase not in VAGUE]
    frequent.sort(key=lambda phrase: (-counts[phrase], phrase))
    return {phrase: counts[phrase] for phrase in frequent[:most]}


def _phrases(tokens: Sequence[Token], names: set[str]) -> Iterator[str]:
    for place, token in enumerate(tokens):
        if token.word not in names:
            continue
        yield token.word
        after = tokens[place + 1] if place + 1 < len(tokens) else None
        if after is not None and after.word in names and after.word != token.word:
            latin = bool(LATIN.fullmatch(token.word))
            if latin == bool(LATIN.fullmatch(after.word)):
                yield f"{token.word} {after.word}" if latin else token.word + after.word


def _chinese_names(tagged: Sequence[Sequence[Token]]) -> set[str]:
    return {
        token.word
        for tokens in tagged
        for token in tokens
        if token.kind in CHINESE_NAMES
        and CHINESE.fullmatch(token.word)
        and token.word not in BOTH
        and not token.word.startswith(DEGREES)
    }


def _english_names(tagged: Sequence[Sequence[Token]], min_count: int) -> set[str]:
    places: Counter[str] = Counter()
    company: Counter[str] = Counter()
    for tokens in tagged:
        words = ["", *(token.word for token in tokens), ""]
        for before, word, after in zip(words, words[1:], words[2:], strict=False):
            if LATIN.fullmatch(word) and len(word) > 2 and word not in BOTH:
                places[word] += 1
                ends = not LATIN.fullmatch(after) or after in BOTH
                company[word] += (
                    (before in BEFORE_NAMES and ends) + (after in AFTER_NAMES) - (before in BEFORE_QUALITIES)
                )
    return {word for word, count in places.items() if count >= min_count and company[word] >= MIN_COMPANY * count}

"""Requests in words, Chinese or English, as phrases that more or less is wanted of: "less violence, 多来点慢节奏科幻".

It knows the small words that say how much, not what phrases mean. A phrase without a small word of its own takes that of the
phrase before it ("no war and politics"); the first one takes "more".
"""

import re
from dataclasses import dataclass
from typing import Literal

from penchant.records.errors import DataError

Want = Literal["more", "less", "none", "only"]

ENGLISH: dict[Want, str] = {
    "less": r"not (?:so|as|too) (?:much|many)|not too|less|fewer|(?:far )?too (?:much|many)|enough",
    "none": r"without(?: any)?|avoid(?:ing)?|no more|not any|no|never|except(?: for)?|excluding|exclude|nothing (?:with|about)|"
    r"(?:i )?(?:do not|don't|dont) (?:want|like|show(?: me)?)(?: any)?|not|nor|anything but"
    r"|(?:^|i (?:really )?)(?:hate|dislike|can't stand|cannot stand)(?: any)?",
    "only": r"only|just|nothing but|exclusively",
    "more": r"(?:a (?:lot|little|bit) )?more|(?:a )?lot of|extra|(?:i )?(?:want|like|prefer|need)(?: to (?:see|watch|read|hear))?"
    r"|i (?:really )?(?:love|like)|(?:i'd|i would) (?:like|prefer)|(?:show|give) me|with|plenty of",
}
LOOK = r"(?:看|听|聽|推荐|推薦|给我|給我|来|來|有)"
BIT = r"(?:一)?(?:点|點|些)"
CHINESE: dict[Want, str] = {
    "none": r"(?:我)?(?:讨厌|討厭|不要|不想要?|不喜欢|不喜歡|别再?|別再?|拒绝|拒絕|避免|排除|去掉|没有|沒有|除了)(?:再)?"
    rf"{LOOK}?(?!墅|人|太|那么|那麼)",
    "only": rf"(?:我)?(?:只|仅|僅)(?:想|要|{LOOK})*",
    "less": r"(?:不要|别|別|不想)?(?:太多|那么多|那麼多)|不要太|别太|別太|不太"
    rf"|少{LOOK}?{BIT}|更少|减少|減少|少(?:来|來|看)?(?!年|女|儿|兒|数|數|林)",
    "more": rf"(?:再)?多{LOOK}?{BIT}|更多|(?:来|來){BIT}|增加|(?:我)?(?:喜欢|喜歡|想看|想听|想聽|想要|要看)"
    r"|更(?!新|衣)|多(?:来|來|看)?(?!元|人|样|樣|伦|倫|媒|维|維|功)",
}
BEHIND: dict[Want, str] = {
    "less": rf"(?:再)?(?:更)?少{BIT}|太多(?:了)?",
    "more": rf"(?:再)?(?:更)?多{BIT}",
}
"""Chinese says it behind the phrase too: 暴力少一点."""
SEPARATORS = re.compile(
    r"[,;.!?，。；！？、\n]+|\b(?:and|or|(?<![nN]othing )(?<![aA]nything )but|while|also|please|plus)\b"
    r"|以及|但是|但|而且|并且|並且|还有|還有|和(?!平|谐|諧|尚|服)"
)
# No word of these begins with another one: what can be read in two ways takes time that doubles with each repetition.
FILLERS = re.compile(
    r"^(?:(?:some|any|something|stuff|things?|of|the|an?|me|to|that|which|is|are|been|be|see|watch|in|about|too)\b\s*"
    r"|[的点點些有是])+|(?:\s*\b(?:movies?|films?|items?|stuff|things?|ones|content|please|in it)"
    r"|电影|電影|影片|内容|內容|东西|東西|作品|商品|一[点點些]|[的了吧呢啊呀])+$",
    re.IGNORECASE,
)
HYPHEN_FREE = re.compile(r"\b([\w ]+?)[- ]free\b", re.IGNORECASE)
MOST, LONGEST = 20, 1000
"""Phrases of one request, and its characters."""


@dataclass(frozen=True)
class Phrase:
    """`want`: how much of it is wanted; "none" and "only" are stronger than "less" and "more"."""

    text: str
    want: Want


def parse_request(text: str) -> list[Phrase]:
    """The phrases of a request, in their order.

    Raises: DataError for a request without any phrase, with more than MOST, or longer than LONGEST.

    >>> [(phrase.want, phrase.text) for phrase in parse_request("less violence, more slow science fiction")]
    [('less', 'violence'), ('more', 'slow science fiction')]
    >>> [(phrase.want, phrase.text) for phrase in parse_request("少一点暴力，多来点慢节奏科幻，不要恐怖片")]
    [('less', '暴力'), ('more', '慢节奏科幻'), ('none', '恐怖片')]
    """
    if len(text) > LONGEST:
        raise DataError(f"A request has at most {LONGEST} characters, found {len(text)}. Say it shorter.")
    found: list[Phrase] = []
    want: Want = "more"
    for clause in SEPARATORS.split(HYPHEN_FREE.sub(r"no \1", text)):
        for own, phrase in _pieces(clause.strip()):
            want = own or want
            if kept := _bare(phrase):
                found.append(Phrase(kept, want))
    if not found:
        raise DataError(f"Nothing is asked for in {text!r}. Write it like 'less violence, more slow science fiction'.")
    if len(found) > MOST:
        raise DataError(f"A request has at most {MOST} phrases, found {len(found)}. Ask for less at once.")
    return found


def _any_of(words: dict[Want, str], place: str) -> str:
    return "|".join(f"(?P<{want}_{place}>{pattern})" for want, pattern in words.items())


CUE = re.compile(rf"(?<![\w'-])(?:{_any_of(ENGLISH, 'en')})(?![\w-])|^(?:{_any_of(CHINESE, 'zh')})", re.IGNORECASE)
LAST = re.compile(rf"(?:{_any_of(BEHIND, 'behind')})$")


def _pieces(clause: str) -> list[tuple[Want | None, str]]:
    """A clause cut at its small words: what each says, None before the first, and what follows it."""
    behind = LAST.search(clause)
    if behind is not None and behind.start() > 0:
        return [(_want(behind), clause[: behind.start()])]
    cues = list(CUE.finditer(clause))
    begins = [0, *(cue.end() for cue in cues)]
    ends = [*(cue.start() for cue in cues), len(clause)]
    wants = [None, *map(_want, cues)]
    return [(want, clause[begin:end]) for want, begin, end in zip(wants, begins, ends, strict=True)]


def _want(match: re.Match[str]) -> Want:
    found = str(match.lastgroup).partition("_")[0]
    return next(want for want in ENGLISH if want == found)


def _bare(phrase: str) -> str:
    """Without words that say nothing of what is wanted."""
    kept = phrase.strip(" \t'\"“”‘’「」:：-")
    while (shorter := FILLERS.sub("", kept).strip()) != kept:
        kept = shorter
    return kept if re.search(r"\w", kept) else ""

import contextlib
import time

import pytest

from penchant.records.errors import DataError
from penchant.text.requests import LONGEST, MOST, parse_request

REQUESTS = {
    "I love jazz but hate horror": "more jazz; none horror",
    "I really dislike gore": "none gore",
    "more love stories, less hate": "more love stories; less hate",
    "Anything but horror": "none horror",
    "nothing but jazz": "only jazz",
    "我讨厌恐怖，喜欢爵士": "none 恐怖; more 爵士",
    "less violence, more slow science fiction": "less violence; more slow science fiction",
    "No horror please.": "none horror",
    "I don't want any war movies but more romantic comedies": "none war; more romantic comedies",
    "without gore and politics": "none gore; none politics",
    "only documentaries": "only documentaries",
    "violence-free films": "none violence",
    "not so much violence": "less violence",
    "too much drama, more comedy": "less drama; more comedy",
    "slow science fiction": "more slow science fiction",
    "something more cheerful": "more cheerful",
    "avoid sad endings; more animation": "none sad endings; more animation",
    "no more sequels": "none sequels",
    "fewer sequels, less gore and swearing": "less sequels; less gore; less swearing",
    "science fiction without aliens": "more science fiction; none aliens",
    "a well-known actor, x-less things": "more well-known actor; more x-less",
    "少一点暴力，多来点慢节奏科幻": "less 暴力; more 慢节奏科幻",
    "暴力少一点，科幻多一些": "less 暴力; more 科幻",
    "不要恐怖": "none 恐怖",
    "不要太吵，别太长": "less 吵; less 长",
    "只看喜剧": "only 喜剧",
    "我想看轻松的喜剧电影": "more 轻松的喜剧",
    "不想看战争和政治": "none 战争; none 政治",
    "更轻松一点的": "more 轻松",
    "太多广告了": "less 广告",
    "除了恐怖片": "none 恐怖片",
    "多來點科幻，少一點暴力": "more 科幻; less 暴力",
    "more 科幻, 少一点 violence": "more 科幻; less violence",
    "多人游戏、少年漫画、和平主题、别墅": "more 多人游戏; more 少年漫画; more 和平主题; more 别墅",
}


@pytest.mark.parametrize(("request_text", "phrases"), REQUESTS.items())
def test_phrases_and_how_much_is_wanted_of_them(request_text: str, phrases: str) -> None:
    assert "; ".join(f"{phrase.want} {phrase.text}" for phrase in parse_request(request_text)) == phrases


@pytest.mark.parametrize("nothing", ["", "  ", "...", "more", "少一点，", "please", "no"])
def test_a_request_for_nothing_is_refused(nothing: str) -> None:
    with pytest.raises(DataError, match="Nothing is asked for"):
        parse_request(nothing)


def test_a_request_has_an_end() -> None:
    with pytest.raises(DataError, match="at most 20 phrases, found 21"):
        parse_request(", ".join(f"word{place}" for place in range(MOST + 1)))
    with pytest.raises(DataError, match="at most 1000 characters, found 1001"):
        parse_request("x" * (LONGEST + 1))


@pytest.mark.parametrize(
    "part",
    [
        "more ",
        "a",
        " less",
        "太多",
        " the",
        "的",
        "x-free ",
        "一点",
        "不要太",
        "a lot of ",
        "的电影x",
        "movies in it",
        "i really ",
    ],
)
def test_a_hostile_request_is_read_in_no_time(part: str) -> None:
    """Patterns must not blow up on repetition."""
    began = time.process_time()
    with contextlib.suppress(DataError):
        parse_request((part * LONGEST)[:LONGEST])
        parse_request((part.removesuffix("x") * 30) + " x")
    assert time.process_time() - began < 0.5

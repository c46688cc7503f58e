"""How texts are cut for a model that is fitted on words: as the dictionary says, with words of the user's own, without some.

It travels with what was fitted: other cuts of the same text would give other vectors.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any, Self

from penchant.records.errors import DataError
from penchant.text.segment import Segmenter, read_user_words
from penchant.text.stop_words import BOTH

COMMON = "common"
"""Stands for `stop_words.BOTH` where a file of stop words is asked for."""


@dataclass(frozen=True)
class Cutting:
    """Cuts a text into words, in lower case. `words` and `stop_words` as for `Segmenter`.

    The dictionary is loaded by the first text.

    >>> Cutting({"骨传导耳机": None}, frozenset({"的"}))("我的骨传导耳机 GoPro")
    ['我', '骨传导耳机', 'gopro']
    """

    words: Mapping[str, int | None] = field(default_factory=dict)
    stop_words: frozenset[str] = frozenset()

    def __call__(self, text: str) -> list[str]:
        return self._segmenter.words(text.casefold())

    @property
    def digest(self) -> str:
        """Stands for the user's own words; empty where there are none."""
        if not self.words and not self.stop_words:
            return ""
        return blake2b(repr(self.to_dict()).encode("utf-8", "replace"), digest_size=6).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """JSON values, from which `of_dict` makes an equal one."""
        return {"words": dict(sorted(self.words.items())), "stop_words": sorted(self.stop_words)}

    @classmethod
    def of_dict(cls, told: Mapping[str, Any]) -> Self:
        return cls(told["words"], frozenset(told["stop_words"]))

    @classmethod
    def read(cls, words: Path | None = None, stop_words: str | None = None) -> Self:
        """From files: `words` in jieba's form (`segment.read_user_words`), `stop_words` one a line, or the word "common".

        Raises DataError for a file that cannot be read, or that holds no word.
        """
        own = {} if words is None else read_user_words(words)
        if words is not None and not own:
            raise DataError(f"{words} holds no word. Write one a line.")
        if stop_words is None or stop_words == COMMON:
            return cls(own, BOTH if stop_words else frozenset())
        return cls(own, frozenset(read_user_words(Path(stop_words))))

    @cached_property
    def _segmenter(self) -> Segmenter:
        return Segmenter({word.casefold(): weight for word, weight in self.words.items()}, self.stop_words)

"""What values an option may have: ranges of numbers and lists of words. Knows no option by name."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from penchant.records.errors import ConfigError, suggestion


@dataclass(frozen=True, kw_only=True)
class Range:
    """Finite numbers; `least` and `most` belong to it, `above` and `below` do not. `whole`: integers alone.

    >>> print(Range(above=0, below=1), Range(least=1, whole=True), sep="; ")
    a number above 0 and below 1; a whole number of at least 1
    """

    least: float | None = None
    most: float | None = None
    above: float | None = None
    below: float | None = None
    whole: bool = False

    def __contains__(self, value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, Integral if self.whole else Real):
            return False
        number = float(value)
        inside = (self.least is None or number >= self.least) and (self.most is None or number <= self.most)
        outside = (self.above is not None and number <= self.above) or (self.below is not None and number >= self.below)
        return math.isfinite(number) and inside and not outside

    def __str__(self) -> str:
        ends = {"of at least": self.least, "above": self.above, "of at most": self.most, "below": self.below}
        told = " and ".join(f"{word} {end:g}" for word, end in ends.items() if end is not None)
        return f"{'a whole number' if self.whole else 'a number'} {told}".rstrip()

    def check(self, name: str, value: Any, default: Any) -> None:
        """Raises: ConfigError for a value outside; it names the default as the way out.

        >>> Range(least=0, below=1).check("dropout", 1.5, 0.3)
        Traceback (most recent call last):
        penchant.records.errors.ConfigError: dropout must be a number of at least 0 and below 1, found 1.5. The default is 0.3.
        """
        if value not in self:
            raise ConfigError(f"{name} must be {self}, found {value!r}. The default is {default}.")


def check_word(name: str, word: Any, known: Iterable[str]) -> None:
    """Raises: ConfigError for a word that is not known, with the nearest one."""
    known = list(known)
    if word not in known:
        raise ConfigError(f"Unknown {name} {word!r}. {suggestion(str(word), known)}")


def check_fields(settings: Any, ranges: dict[str, Range]) -> None:
    """Checks every number of a settings dataclass; each field named has a default.

    Raises: ConfigError for the first one outside its range.
    """
    for name, allowed in ranges.items():
        allowed.check(name, getattr(settings, name), type(settings).__dataclass_fields__[name].default)

"""Parts by a word with options after a colon: "mmr:weight=0.3". What there is to choose from is told by whoever asks."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from penchant.records.errors import ConfigError, suggestion

KINDS: dict[object, Callable[[str], Any]] = {int: int, float: float, int | None: int, float | None: float}
"""All else is a word."""


def parse_word(what: str, word: str, makers: Mapping[str, Callable[..., Any]]) -> tuple[str, dict[str, Any]]:
    """The name and its options: the parameters of its maker that have a default, of the types that are written there.

    what: what it is, for messages.
    Raises: ConfigError for an unknown name or option, one that comes twice, or a value of the wrong kind.

    >>> def mmr(vectors, *, weight: float = 0.3): ...
    >>> parse_word("re-ranker", "mmr:weight=0.5", {"mmr": mmr})
    ('mmr', {'weight': 0.5})
    """
    name, _, rest = str(word).partition(":")
    if name not in makers:
        raise ConfigError(f"Unknown {what} {name!r}. {suggestion(name, makers)}")
    signature = inspect.signature(makers[name], eval_str=True)
    known = {each.name: each.annotation for each in signature.parameters.values() if each.default is not each.empty}
    options: dict[str, Any] = {}
    for part in filter(None, rest.split(",")):
        option, _, value = part.partition("=")
        if not known:
            raise ConfigError(f"The {what} {name!r} takes no options, found {part!r}. Leave it out.")
        if option not in known:
            raise ConfigError(f"The {what} {name!r} has no option {part!r}. {suggestion(option, known)}")
        if not value:
            raise ConfigError(f"The option {option!r} in {word!r} lacks a value. Write {option}= and the value.")
        if option in options:
            raise ConfigError(f"The option {option!r} stands twice in {word!r}. Name it once.")
        options[option] = _parsed(known[option], option, value, word)
    return name, options


def _parsed(kind: object, option: str, value: str, word: str) -> Any:
    try:
        return KINDS.get(kind, str)(value)
    except ValueError:
        rule = "a whole number" if KINDS[kind] is int else "a number"
        raise ConfigError(f"The option {option!r} in {word!r} is {rule}, found {value!r}.") from None

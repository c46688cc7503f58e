"""Hard rules of a list from words: how much of one kind, what stands where, what may not be shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Protocol

import numpy as np

from penchant.ranking.rerank.rules import Cap, Rules
from penchant.records.errors import ConfigError, DataError, suggestion
from penchant.records.ranges import Range, check_word
from penchant.records.vocabulary import Vocabulary
from penchant.stages.item_attributes import ItemAttributes


class Attributed(Protocol):
    """Whoever knows what the tables say of each item; asked only where a rule needs it."""

    @property
    def attributes(self) -> ItemAttributes: ...


NO_LIMIT = np.iinfo(np.int32).max
LIKE = "{'caps': {'tags': 2}, 'pins': {1: 'ITEM'}, 'blocks': {'brand': ['Acme']}}"


@dataclass(frozen=True, kw_only=True)
class RuleWords:
    """`caps`: by attribute, one number for each of its values, {"brand": 2}, or one for some of them, {"tags": {"horror": 1}};
    `pins`: place from 1, the top of the list, -> item id; `blocks`: values by attribute, {"brand": ["Acme"]}."""

    caps: Mapping[str, int | Mapping[str, int]] = field(default_factory=dict)
    pins: Mapping[int, str] = field(default_factory=dict)
    blocks: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, rules: Mapping[str, Any]) -> "RuleWords":
        """Raises: ConfigError for a kind of rule that there is not, or one that is no dict."""
        _check_dict("rules", rules)
        for word, told in rules.items():
            check_word("rule", word, [each.name for each in fields(cls)])
            _check_dict(word, told)
        return cls(**rules)


def _check_dict(word: str, told: Any) -> None:
    if not isinstance(told, Mapping):
        raise ConfigError(f"{word} must be a dict, found {told!r}. Write it like {LIKE}.")


def unblocked(blocks: Mapping[str, Sequence[str]], facts: Attributed) -> np.ndarray | None:
    """bool (I + E,): what is on no block list, None where there is none.

    Raises: DataError for an attribute or a value that no item has.
    """
    allowed = None
    for name, values in blocks.items():
        carriers = facts.attributes.carriers(
            name, [values] if isinstance(values, str) else [str(each) for each in values]
        )
        allowed = ~carriers if allowed is None else allowed & ~carriers
    return allowed


def make_caps(caps: Mapping[str, int | Mapping[str, int]], facts: Attributed) -> list[Cap]:
    """Raises: DataError for an attribute or a value that no item has, ConfigError for a limit below 0."""
    return [_cap(name, limit, facts.attributes) for name, limit in caps.items()]


def _cap(name: str, limit: int | Mapping[str, int], attributes: ItemAttributes) -> Cap:
    groups, names = attributes.groups(name)
    if not isinstance(limit, Mapping):
        return Cap(name=name, groups=groups, limits=limit, labels=names)
    limits = np.full(len(names), NO_LIMIT, np.int64)
    place = {value: number for number, value in enumerate(names)}
    for value, most in limit.items():
        if value.casefold() not in place:
            raise DataError(f"No item has the {name} {value!r}. {suggestion(value, names[:100])}")
        if isinstance(most, bool) or not isinstance(most, int):
            raise ConfigError(f"A cap on {name} is a whole number of at least 0, found {most!r}. 0 blocks.")
        limits[place[value.casefold()]] = most
    return Cap(name=name, groups=groups, limits=limits, labels=names)


def make_pins(pins: Mapping[int, str], items: Vocabulary, k: int) -> dict[int, int]:
    """Place from 0 -> item row.

    Raises: DataError for an unknown item, ConfigError for a place that a list of k does not have, or an item at two places.
    """
    for place, item in pins.items():
        if place not in Range(least=1, most=k, whole=True):
            raise ConfigError(f"Pins stand at places 1 to {k} of a list of {k}, found {place!r}. Take one of these.")
        if item not in items:
            raise DataError(f"The pinned item {item!r} is not in the catalogue. Pass it as a new item in `items`.")
        if list(pins.values()).count(item) > 1:
            raise ConfigError(f"The item {item!r} is pinned to two places. Pin it to one.")
    return {place - 1: row for place, row in zip(pins, items.rows(pins.values()).tolist(), strict=True)}


def make_rules(
    caps: Sequence[Cap], pins: Mapping[int, int], allowed: np.ndarray | None, names: Sequence[str]
) -> Rules | None:
    """None where nothing is asked for. Raises: ConfigError for pins that are barred, appear twice or break a cap."""
    barred = next((row for row in pins.values() if allowed is not None and not allowed[row]), None)
    if barred is not None:
        raise ConfigError(f"The item {names[barred]!r} is pinned, but may not be shown. Take back one of the two.")
    return Rules(caps=caps, pins=pins, names=names) if caps or pins else None

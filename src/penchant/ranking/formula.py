"""What an item is worth in somebody's list, by a formula of theirs: "like^1 * rating^0.5 * item.price". It evaluates no code.

    formula = factor { "*" factor }      factor = (name | number) [ "^" number ]

Names are tasks with one value for a person and an item, in the user's own units and calibrated; numbers of items, as
item.price; and `next`, the list's own chance that the item is the next one, which counts once where it is not named.
Products are added up as logarithms. Legend: B people, C candidates.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from penchant.records.errors import ConfigError, suggestion
from penchant.records.ranges import Range

NEXT, ITEM = "next", "item."
NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"
FACTOR = re.compile(rf"\s*(?:(?P<name>[^\W\d][\w.]*)|(?P<number>{NUMBER}))\s*(?:\^\s*(?P<exponent>{NUMBER})\s*)?", re.I)
EXPONENTS = Range(least=-100, most=100)
"""Beyond it a value has no digits left to differ in."""
LEAST = 1e-9
"""Below it a prediction is no smaller: its logarithm must not run away."""


@dataclass(frozen=True, kw_only=True)
class Formula:
    """A constant, by its logarithm, times each name to its exponent."""

    log_constant: float
    exponents: Mapping[str, float]

    @property
    def item_names(self) -> list[str]:
        """The numbers of items that it asks for, without `item.`."""
        return [name.removeprefix(ITEM) for name in self.exponents if name.startswith(ITEM)]

    @property
    def tasks(self) -> list[str]:
        """The tasks that it asks for."""
        return [name for name in self.exponents if name != NEXT and not name.startswith(ITEM)]

    def check(self, tasks: Iterable[str]) -> None:
        """Raises: ConfigError for a name that is neither one of these tasks, nor `next`, nor `item.something`."""
        for name in self.tasks:
            if name not in (known := [*tasks, NEXT]):
                raise ConfigError(
                    f"Unknown name {name!r} in a value. {suggestion(name, known)} Item numbers: {ITEM}price."
                )

    def log_values(self, log_next: np.ndarray, values: Mapping[str, np.ndarray]) -> np.ndarray:
        """The logarithm of what each candidate is worth, float64 (B, C); -inf without a finite number of the item above 0.

        log_next: (B, C); values: by the names of tasks and of item numbers, (B, C) each.
        """
        total = self.log_constant + self.exponents.get(NEXT, 1.0) * log_next.astype(np.float64)
        for name, exponent in self.exponents.items():
            if name.startswith(ITEM):
                given = values[name.removeprefix(ITEM)]
                known = (given > 0) & np.isfinite(given)
                total = np.where(known, total + exponent * np.log(np.where(known, given, 1)), -np.inf)
            elif name != NEXT:
                total = total + exponent * np.log(np.maximum(values[name], LEAST))
        return total


def parse_formula(text: str) -> Formula:
    """Raises: ConfigError for what is no product of names and numbers, with the place where it stops being one.

    >>> parse_formula("1 * like^1 * rating^0.5")
    Formula(log_constant=0.0, exponents={'like': 1.0, 'rating': 0.5})
    """
    log_constant, exponents, place = 0.0, dict[str, float](), 0
    while True:
        factor = FACTOR.match(text, place)
        if factor is None:
            raise _wrong(text, place, "A name or a number")
        exponent = float(factor["exponent"] or 1)
        if factor["name"] is None:
            log_constant += _log_power(float(factor["number"]), exponent, text)
        else:
            _add(exponents, factor["name"], exponent, text)
        place = factor.end()
        if place == len(text):
            return Formula(log_constant=log_constant, exponents=exponents)
        if text[place] != "*":
            raise _wrong(text, place, "* or ^")
        place += 1


def _add(exponents: dict[str, float], name: str, exponent: float, text: str) -> None:
    if name in exponents:
        raise ConfigError(f"{name!r} stands twice in {text!r}. Write it once, with one exponent.")
    if exponent == 0 and name != NEXT:
        raise ConfigError(f"{name}^0 in {text!r} changes nothing. Leave it out.")
    EXPONENTS.check(f"The exponent of {name!r} in {text!r}", exponent, 1)
    exponents[name] = exponent


def _log_power(number: float, exponent: float, text: str) -> float:
    if not 0 < number < math.inf:
        raise ConfigError(f"Numbers in a value are finite and above 0, found {number:g} in {text!r}. Leave it out.")
    EXPONENTS.check(f"The exponent of {number:g} in {text!r}", exponent, 1)
    return exponent * math.log(number)


def _wrong(text: str, place: int, wanted: str) -> ConfigError:
    rest = text[place:].strip()
    return ConfigError(
        f"{wanted} is needed in the value {text!r}, found {f'{rest!r}' if rest else 'its end'}. "
        "A value is a product such as 'like^1 * rating^0.5 * item.price'."
    )

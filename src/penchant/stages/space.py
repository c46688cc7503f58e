"""What `penchant tune` searches: options with more than one value, from text. Knows no data and keeps no study."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penchant.records.errors import ConfigError
from penchant.stages.options import nested, parse_value, split_pair

if TYPE_CHECKING:
    from optuna.trial import Trial

MUCH = 10
"""A span whose ends differ by this factor is searched by its logarithm."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """All numbers from `low` to `high`; whole ones where both are."""

    low: float
    high: float

    @property
    def log(self) -> bool:
        """Whether it is searched by its logarithm."""
        return self.low > 0 and self.high / self.low >= MUCH

    @property
    def ends(self) -> tuple[Any, ...]:
        """Values that any other one lies between."""
        return self.low, self.high

    def draw(self, trial: "Trial", name: str) -> Any:
        """A value for a trial."""
        if isinstance(self.low, int) and isinstance(self.high, int):
            return trial.suggest_int(name, self.low, self.high, log=self.log)
        return trial.suggest_float(name, self.low, self.high, log=self.log)


@dataclass(frozen=True, kw_only=True)
class Choices:
    """One of these; `ends` are all of them."""

    ends: tuple[Any, ...]

    def draw(self, trial: "Trial", name: str) -> Any:
        """A value for a trial."""
        return trial.suggest_categorical(name, self.ends)


@dataclass(frozen=True, kw_only=True)
class Space:
    """`fixed`: options of every trial; `searched`: by name, dotted where an option has a number for each task."""

    fixed: dict[str, Any]
    searched: Mapping[str, Span | Choices]

    @classmethod
    def parse(cls, pairs: Iterable[str]) -> "Space":
        """From "name=low..high", "name=one,other" and "name=value".

        >>> space = Space.parse(["learning_rate=0.001..0.1", "num_blocks=1..3", "sharing=ple,mmoe", "epochs=3"])
        >>> space.searched["learning_rate"].log, space.searched["num_blocks"].log, space.searched["sharing"].ends
        (True, False, ('ple', 'mmoe'))
        >>> space.fixed
        {'epochs': 3}

        Raises: ConfigError for an unknown name, a value of the wrong kind, an empty span, or nothing to search.
        """
        split = [split_pair(pair) for pair in pairs]
        values = {name: _parse(name, text) for name, text in split}
        nested((name, None) for name, _ in split)  # no name comes twice
        searched = {name: value for name, value in values.items() if isinstance(value, Span | Choices)}
        if not searched:
            raise ConfigError(
                "Nothing is to be searched. Give a span, learning_rate=0.0005..0.01, or sharing=ple,mmoe."
            )
        if name := next((name for name in searched if name.startswith("objective.")), None):
            raise ConfigError(f"{name} says what is best, so it is the same for all trials. Give it one value.")
        fixed = nested((name, value) for name, value in values.items() if name not in searched)
        return cls(fixed=fixed, searched=searched)

    def check(self, resolve: Callable[[dict[str, Any]], Any]) -> None:
        """Resolves each end of each option beside the fixed ones. Raises: what `resolve` raises."""
        for name, values in self.searched.items():
            for value in values.ends:
                resolve(self.options({name: value}))

    def draw(self, trial: "Trial") -> dict[str, Any]:
        """The options of a trial."""
        return self.options({name: values.draw(trial, name) for name, values in self.searched.items()})

    def options(self, drawn: Mapping[str, Any]) -> dict[str, Any]:
        """With what is fixed."""
        found = dict(self.fixed)
        for name, value in nested(drawn.items()).items():
            found[name] = {**found.get(name, {}), **value} if isinstance(value, dict) else value
        return found


def _parse(name: str, text: str) -> Any:
    if ".." in text:
        low, _, high = text.partition("..")
        ends = parse_value(name, low), parse_value(name, high)
        if isinstance(ends[0], str | bool):
            raise ConfigError(f"{name} is no number, so it has no span, found {text!r}. List its values: a,b.")
        if not ends[0] < ends[1]:
            raise ConfigError(f"A span goes from low to high, found {name}={text}. Turn it around, or give one value.")
        return Span(low=ends[0], high=ends[1])
    if "," in text:
        values = tuple(parse_value(name, part.strip()) for part in text.split(","))
        if len(set(values)) < len(values):
            raise ConfigError(f"Every value is listed once, found {name}={text}. Leave the second one out.")
        return Choices(ends=values)
    return parse_value(name, text)

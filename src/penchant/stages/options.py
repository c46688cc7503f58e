"""Options of a run as text: "learning_rate=0.001", "weights.rating=0.5"; and as a file, which `penchant tune` writes.

Names and types are those of the settings that each part owns.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_type_hints

from penchant.models.network import NetworkConfig
from penchant.records.artifacts import read_json
from penchant.records.errors import ConfigError, suggestion
from penchant.stages.config import Config
from penchant.training.settings import TrainingConfig

OWN_FLAGS = {"size": "--size", "seed": "--seed"}
"""They are no options here: each has a flag of its own."""
DEFAULT_SIZE = "small"
KINDS: dict[str, Any] = {
    part.name: get_type_hints(settings)[part.name]
    for settings in (NetworkConfig, TrainingConfig, Config)
    for part in fields(settings)
    if part.name not in (*OWN_FLAGS, "network", "training")
}
TABLES = [name for name, kind in KINDS.items() if kind == dict[str, float]]
"""Options with a number for each task."""
WHOLE = (int, int | None)
BOOLEANS = {"true": True, "false": False}


def parse_options(pairs: Iterable[str]) -> dict[str, Any]:
    """Options from "name=value".

    >>> parse_options(["epochs=3", "sharing=mmoe", "weights.rating=0.5"])
    {'epochs': 3, 'sharing': 'mmoe', 'weights': {'rating': 0.5}}

    Raises: ConfigError for an unknown name, a value of the wrong kind, or an option that is set twice.
    """
    return nested((name, parse_value(name, text)) for name, text in map(split_pair, pairs))


def split_pair(pair: str) -> tuple[str, str]:
    """The name, known, and the text of its value."""
    name, _, text = (part.strip() for part in pair.partition("="))
    if not name or not text:
        raise ConfigError(f"An option is set by name=value, found {pair!r}.")
    check_name(name)
    return name, text


def check_name(name: str) -> None:
    """Raises: ConfigError for a name that is no option, with the nearest one."""
    if name in OWN_FLAGS:
        raise ConfigError(f"{name!r} has a flag of its own. Use {OWN_FLAGS[name]}.")
    option, dot, task = name.partition(".")
    if option not in KINDS:
        raise ConfigError(f"Unknown option {option!r}. {suggestion(option, KINDS)}")
    if (option in TABLES) != bool(dot and task):
        rule = "has a number for each task" if option in TABLES else "has one value for all tasks"
        right = f"{option}.TASK=0.5" if option in TABLES else f"{option}=..."
        raise ConfigError(f"{option!r} {rule}, found {name!r}. Write {right}.")


def parse_value(name: str, text: str) -> Any:
    """By the type of the option.

    >>> parse_value("exact_gradients", "true"), parse_value("cosine_every", "5"), parse_value("warm_up", "0.1")
    (True, 5, 0.1)
    """
    kind = KINDS[name.partition(".")[0]]
    if kind is bool:
        if text not in BOOLEANS:
            raise ConfigError(f"{name} is true or false, found {text!r}.")
        return BOOLEANS[text]
    if kind not in (int, float, int | None, float | None, dict[str, float]):
        return text
    try:
        return int(text) if kind in WHOLE else float(text)
    except ValueError:
        rule = "a whole number" if kind in WHOLE else "a number"
        raise ConfigError(f"{name} is {rule}, found {text!r}.") from None


def nested(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Tables from dotted names. Raises: ConfigError for a name that comes twice."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        option, dot, task = name.partition(".")
        place, key = (found.setdefault(option, {}), task) if dot else (found, option)
        if key in place:
            raise ConfigError(f"{name} is set twice, to {place[key]} and to {value}. Set it once.")
        place[key] = value
    return found


@dataclass(frozen=True, kw_only=True)
class OptionFile:
    """What a file may say. `found`: where it comes from, for a reader's eyes."""

    size: str | None = None
    tasks: list[str] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "OptionFile":
        """JSON. Raises: ArtifactError if it cannot be read, ConfigError for a key that is not known."""
        told = read_json(path)
        known = [part.name for part in fields(cls)]
        if not isinstance(told, dict) or not isinstance(told.get("options", {}), dict):
            raise ConfigError(f"{path} must hold an object with {', '.join(known)}. `penchant tune` writes such files.")
        for key in told:
            if key not in known:
                raise ConfigError(f"{path} holds the unknown key {key!r}. {suggestion(key, known)}")
        for name in told.get("options", {}):
            check_name(f"{name}.task" if name in TABLES else name)
        return cls(**told)


def chosen_options(file: Path | None, pairs: Sequence[str], **flags: Any) -> dict[str, Any]:
    """Everything that `train` and its like take: the file's, over which pairs go, over which flags go that are not None.

    Raises: ConfigError for an option that has both a flag and a pair, and as its parts do.
    """
    told = OptionFile() if file is None else OptionFile.read(file)
    given = {name: value for name, value in flags.items() if value is not None}
    own = parse_options(pairs)
    if both := sorted(set(own) & set(given)):
        raise ConfigError(f"{both[0]} is set twice, by --set and by --{both[0].replace('_', '-')}. Set it once.")
    base: dict[str, Any] = {"size": told.size or DEFAULT_SIZE, "tasks": told.tasks}
    return {**base, **_over(told.options, own), **given}


def _over(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Tables are joined, all else is replaced."""
    tables = {name: {**first.get(name, {}), **second[name]} for name in TABLES if name in second}
    return {**first, **second, **tables}

"""Tasks from words: "rating", or "rating:loss=huber,weight=0.5"."""

import inspect
from collections.abc import Mapping
from typing import Any

from penchant.records.errors import ConfigError, suggestion
from penchant.tasks.click import Click
from penchant.tasks.conversion import Conversion
from penchant.tasks.dwell import Dwell
from penchant.tasks.interests import Interests
from penchant.tasks.like import Like
from penchant.tasks.next_item import NextItem
from penchant.tasks.purchase import Purchase
from penchant.tasks.rating import Rating
from penchant.tasks.return_gap import ReturnGap
from penchant.tasks.sentiment import Sentiment
from penchant.tasks.tags import Tags
from penchant.tasks.task import Task

TASKS: dict[str, type[Task]] = {
    "next_item": NextItem,
    "rating": Rating,
    "like": Like,
    "tags": Tags,
    "click": Click,
    "conversion": Conversion,
    "purchase": Purchase,
    "dwell": Dwell,
    "return_gap": ReturnGap,
    "interests": Interests,
    "sentiment": Sentiment,
}


def make_task(word: str) -> Task:
    """A task by its name, with options after a colon.

    >>> make_task("rating:weight=0.5,loss=huber").weight
    0.5

    Raises: ConfigError for an unknown task or option, or a value of the wrong kind.
    """
    name, _, rest = word.partition(":")
    if name not in TASKS:
        raise ConfigError(f"Unknown task {name!r}. {suggestion(name, TASKS)}")
    known = inspect.signature(TASKS[name].__init__).parameters
    options: dict[str, Any] = {}
    for part in filter(None, rest.split(",")):
        option, _, value = part.partition("=")
        if option not in known or option == "self" or not value:
            raise ConfigError(f"Task {name!r} has no option {part!r}. {suggestion(option, [*known][1:])}")
        options[option] = _parsed(known, option, value, word)
    return TASKS[name](**options)


def _parsed(known: Mapping[str, inspect.Parameter], option: str, value: str, word: str) -> Any:
    """Numbers where the option is one."""
    if "float" not in str(known[option].annotation):
        return value
    try:
        return float(value)
    except ValueError:
        raise ConfigError(f"The option {option!r} in {word!r} is a number, found {value!r}.") from None

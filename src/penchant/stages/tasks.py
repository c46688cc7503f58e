"""Tasks from words: "rating", or "rating:loss=huber,weight=0.5"."""

from penchant.stages.worded import parse_word
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

    Raises: ConfigError for an unknown task or option, one that comes twice, or a value of the wrong kind.
    """
    name, options = parse_word("task", word, TASKS)
    return TASKS[name](**options)

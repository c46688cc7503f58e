"""How many labels each task finds in somebody's tables, by the task's own rule, and why one has nothing to learn.

No encoder reads a text for it: whether an item has to do with an interest is told by the words that it carries.
Legend: A rows of a table, I items, L labels.
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from penchant.data.rows import event_texts, to_events
from penchant.records.data import Data
from penchant.records.errors import PenchantError
from penchant.records.vocabulary import Vocabulary
from penchant.stages.encode import item_tags
from penchant.stages.item_labels import label_examples
from penchant.stages.tasks import TASKS
from penchant.tasks.tables import TABLES, Asked
from penchant.tasks.task import Facts, LabelledItems, Task

MOST_EVENTS = 250_000
"""Where there are more, every so manyth person is looked at, with all that they did."""


@dataclass(frozen=True, kw_only=True)
class Labels:
    """`rows` of the task's table, how many of them have `labels`, and what a task `lacks` to learn, "" where there is enough."""

    rows: int
    labels: int
    lacks: str


def labels_of(task: Task, asked: Asked, facts: Facts) -> Labels:
    """Labels differ, else there is nothing to learn."""
    if not len(asked):
        return Labels(rows=0, labels=0, lacks=f"no {task.table}")
    labels = task.fitted(asked, facts).labels(asked, facts)
    labels = task.targets(labels[~np.isnan(labels).any(axis=1)])
    lacks = ""
    if not labels.size:
        lacks = "no label for it"
    elif (labels == labels[0]).all():
        lacks = f"all its labels are {labels[0].tolist()}"
    return Labels(rows=len(asked), labels=len(labels) if labels.size else 0, lacks=lacks)


def label_coverage(data: Data, most_events: int = MOST_EVENTS) -> dict[str, dict[str, Any]]:
    """For each task of docs/tasks.md the `table` that it learns from, `rows` and `labels` of that table, whether it is learned
    `by_default`, what it `lacks`, "" where there is something to learn, and what it then `needs`. JSON.

    Numbers are of the rows that were looked at.
    """
    data = _fewer_people(data, most_events)
    users, items = Vocabulary(data.users["user_id"].to_list()), Vocabulary(data.items["item_id"].to_list())
    events, facts = to_events(data, users, items), _facts(data, users, items)
    asked = {name: make(events) for name, make in TABLES.items()}
    return {name: _coverage(kind(), asked[kind.table], facts) for name, kind in TASKS.items()}


def _coverage(task: Task, asked: Asked, facts: Facts) -> dict[str, Any]:
    try:
        found = labels_of(task, asked, facts)
    except PenchantError as error:
        found = Labels(rows=len(asked), labels=0, lacks=str(error))
    needs = task.needs if found.lacks else ""
    return {"table": task.table, "by_default": task.by_default, **vars(found), "needs": needs}


def _fewer_people(data: Data, most_events: int) -> Data:
    every = -(-data.events.height // most_events)
    if every <= 1:
        return data
    people = data.events["user_id"].unique(maintain_order=True).gather_every(every)
    events = data.events.filter(pl.col("user_id").is_in(people.implode()))
    users = people.cast(pl.String).to_frame("user_id")
    return replace(data, events=events, users=users, weights=None, parts=None)


def _facts(data: Data, users: Vocabulary, items: Vocabulary) -> Facts:
    names, tags = item_tags(data)

    @cache
    def interests(labels: tuple[str, ...]) -> LabelledItems:
        chosen, carried = label_examples(data.items, labels)
        return LabelledItems(names=tuple(chosen), scores=carried.astype(np.float32))

    return Facts(
        rating_scale=data.rating_scale or (0.0, 1.0),
        item_tags=tags,
        tag_names=tuple(names),
        texts=event_texts(data, users, items),
        interests=interests,
    )

"""Later rows as questions to the task heads: asked with what was known before them.

Legend: M labelled rows, O outputs of a head.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from penchant.evaluation.prediction import DIRECTIONS
from penchant.models.shares import beside
from penchant.ranking.links import reduced, valued
from penchant.ranking.network_source import NetworkSource
from penchant.records.events import Events, histories_of
from penchant.stages.encode import Encoded
from penchant.stages.measures import MEASURES
from penchant.tasks.tables import TABLES, Asked, TableName
from penchant.tasks.task import Task


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What a head said of the later rows that have its label. `offsets`: see `NetworkSource.pair_offsets`, 0 where the head
    is told nothing."""

    labels: np.ndarray  # float32 (M, labels)
    outputs: np.ndarray  # float32 (M, O)
    offsets: np.ndarray  # float32 (M, 3)
    user_rows: np.ndarray  # int32 (M,)


def later_answers(
    network: NetworkSource, tasks: Sequence[Task], past: Events, later: Events, encoded: Encoded
) -> dict[str, Answers]:
    """Of every task with a head of its own and a label among the later rows. Everybody is asked once, at their first one."""
    found: dict[str, Answers] = {}
    for name in dict.fromkeys(task.table for task in tasks):
        own = [task for task in tasks if task.table == name and task.reads != "catalogue"]
        asked = later_rows(name, past, later)
        if own and len(asked):
            found |= _answers(network, own, asked, past, encoded)
    return {task.name: found[task.name] for task in tasks if task.name in found}


def later_rows(table: TableName, past: Events, later: Events) -> Asked:
    """The rows of a table that the later events make, or, of returns, that they answer."""
    both = _joined(past, later)
    is_later = np.zeros(len(past) + len(later), bool)
    is_later[len(past) :] = True
    order = np.argsort(np.concatenate([past.timestamps, later.timestamps]), kind="stable")
    asked = TABLES[table](both.take(order))
    own_later = is_later[order][asked.rows]
    if table != "returns":
        return asked.take(own_later)
    last = ~own_later & ~np.isnan(asked.outcomes["gap"])
    counts = np.bincount(past.user_rows[past.tell_of_people], minlength=int(both.user_rows.max(initial=0)) + 1)
    return asked.take(last & (asked.known == counts[asked.events.user_rows]))


def _joined(past: Events, later: Events) -> Events:
    fields: dict[str, Any] = {
        name: None if values is None else np.concatenate([values, getattr(later, name)])
        for name, values in vars(past).items()
    }
    return Events(**fields)


def _answers(
    network: NetworkSource, tasks: Sequence[Task], asked: Asked, past: Events, encoded: Encoded
) -> dict[str, Answers]:
    people, first, owners = np.unique(asked.events.user_rows, return_index=True, return_inverse=True)
    histories = histories_of(past, people, asked.events.timestamps[first], len(encoded.users), encoded.text_vectors)
    read = {task.reads for task in tasks}
    outputs: dict[str, np.ndarray] = {}
    offsets: dict[str, np.ndarray] = {}
    if "pair" in read:
        pairs = (histories, owners, np.maximum(asked.events.item_rows, 0))
        outputs |= network.predict(*pairs, beside(asked.events))
        offsets = network.pair_offsets(*pairs, beside(asked.events))
    if "user" in read:
        outputs |= {name: values[owners] for name, values in network.people(histories).items()}
    if "text" in read and encoded.text_vectors is not None:
        outputs |= network.texts(encoded.text_vectors[asked.events.text_rows])
    found = {}
    for task in tasks:
        labels = task.labels(asked, encoded.facts)
        rows = ~np.isnan(labels).any(axis=1)
        if task.reads == "pair":
            rows &= asked.events.item_rows >= 0
        if rows.any():
            told = offsets.get(task.name, np.zeros((len(asked), 3), np.float32))
            users = asked.events.user_rows[rows]
            found[task.name] = Answers(
                labels=labels[rows], outputs=outputs[task.name][rows], offsets=told[rows], user_rows=users
            )
    return found


def score_of(task: Task, answers: Answers) -> float:
    """The first metric of a task on what its head said, turned so that higher is better; 0 where it is not defined."""
    metric = task.metrics[0]
    predicted = in_units(task, valued(task.link, reduced(task.link, answers.outputs)))
    labels = in_units(task, task.targets(answers.labels)).astype(np.float64)
    value = MEASURES[metric](labels, predicted, np.ones(len(labels)))
    if value is None:
        return 0.0
    return float(value) if DIRECTIONS[metric] == "max" else -float(value)


def in_units(task: Task, values: np.ndarray) -> np.ndarray:
    """Values of labels in the user's own units, such as stars."""
    return values if task.numbers is None else task.numbers.invert(values)

"""How well the task heads foresee later rows, from what was known before them, beside what needs no network.

Beside each head stands its constant predictor; beside a head that is told offsets also what these say alone.
Legend: M labelled rows, T labels.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from penchant.evaluation import prediction
from penchant.evaluation.significance import clustered_interval
from penchant.ranking.links import reduced, valued
from penchant.ranking.recommender import FusedRecommender
from penchant.records.events import Events
from penchant.stages.encode import Encoded
from penchant.stages.later import Answers, in_units, later_answers
from penchant.stages.measures import MEASURES
from penchant.tasks.tables import TABLES
from penchant.tasks.task import Task

RESAMPLES = {1: 300, 2: 60}
"""By the number of dimensions of the labels: many at once are dear to sort."""
NETWORK, CONSTANT, BIAS = "network", "constant", "bias model"


def task_rows(
    recommender: FusedRecommender, tasks: Sequence[Task], encoded: Encoded, past: Events, later: Events
) -> dict[str, Any]:
    """The sections `tasks` and `calibration` of metrics.json; what has no head or no label has no row."""
    answers = later_answers(recommender.network, tasks, past, later, encoded)
    rows, calibration = [], []
    for task in (task for task in tasks if task.name in answers):
        given = answers[task.name]
        labels = in_units(task, task.targets(given.labels)).astype(np.float64)
        predicted = predictions(recommender, task, given, encoded, past)
        for row, values in predicted.items():
            rows += _rows(task, row, labels, values, given.user_rows)
        if "calibration_error" in task.metrics and labels.ndim == 1:
            calibration.append({"task": task.name, **_bins(labels, predicted[NETWORK])})
    return {"tasks": rows, "calibration": calibration}


def predictions(
    recommender: FusedRecommender, task: Task, given: Answers, encoded: Encoded, past: Events
) -> dict[str, np.ndarray]:
    """What each row of the table says, in the user's own units; float64 of the shape of the labels."""
    found = {NETWORK: recommender.calibrated(task.name, given.outputs, given.offsets)}
    asked = TABLES[task.table](past)
    labels = task.labels(asked, encoded.facts)
    labels = labels[~np.isnan(labels).any(axis=1)]
    if len(labels):
        constant = np.tile(task.constant(labels), (len(given.labels), 1))
        found[CONSTANT] = in_units(task, valued(task.link, reduced(task.link, constant)))
    if task.name in recommender.network.told:
        bias = recommender.network.told[task.name].alone(given.offsets[:, :2])
        found[BIAS] = in_units(task, bias)
    return found


def _bins(labels: np.ndarray, chances: np.ndarray) -> dict[str, list[float]]:
    curve = prediction.reliability_curve(labels, chances)
    return {name: np.asarray(getattr(curve, name)).tolist() for name in ("predicted", "observed", "count")}


def _rows(task: Task, row: str, labels: np.ndarray, predicted: np.ndarray, users: np.ndarray) -> list[dict[str, Any]]:
    """A row for each metric that is defined on these labels."""
    rows = []
    for metric in task.metrics:
        measure = MEASURES[metric]
        value = measure(labels, predicted, np.ones(len(labels)))
        if value is not None:
            low, high = clustered_interval(measure, labels, predicted, users, num_resamples=RESAMPLES[labels.ndim])
            about = {"task": task.name, "row": row, "metric": metric, "direction": prediction.DIRECTIONS[metric]}
            rows.append({**about, "value": value, "low": low, "high": high, "num": len(labels)})
    return rows

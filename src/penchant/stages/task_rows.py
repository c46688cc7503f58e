"""How well the task heads foresee later events, from what was known before them, beside what needs no network.

Ratings and likes stand beside the bias model, tags beside their shares among all events.
Legend: N later events, T tags.
"""

from typing import Any

import numpy as np

from penchant.evaluation import prediction
from penchant.evaluation.significance import clustered_interval
from penchant.ranking.recommender import FusedRecommender
from penchant.records.events import Events
from penchant.stages.encode import Encoded
from penchant.stages.pairs import LaterPairs, later_pairs
from penchant.tasks.like import Like
from penchant.tasks.tags import Tags

DIRECTIONS = {
    "rmse": "min",
    "mae": "min",
    "auc": "max",
    "log_loss": "min",
    "calibration_error": "min",
    "average_precision": "max",
}
RESAMPLES = {1: 300, 2: 60}
"""By the number of dimensions of the labels: many tags at once are dear to sort."""


def task_rows(recommender: FusedRecommender, encoded: Encoded, past: Events, later: Events) -> dict[str, Any]:
    """The sections `tasks` and `calibration` of metrics.json; what has no head or no label has no row."""
    pairs = later_pairs(past, later, encoded)
    if not len(pairs.events):
        return {"tasks": [], "calibration": []}
    likes, calibration = _likes(recommender, encoded, pairs)
    return {
        "tasks": [*_ratings(recommender, pairs), *likes, *_tags(recommender, encoded, past, pairs)],
        "calibration": calibration,
    }


def _ratings(recommender: FusedRecommender, pairs: LaterPairs) -> list[dict[str, Any]]:
    rated = ~np.isnan(pairs.events.values)
    if "rating" not in recommender.network.network.pair_names or not rated.any():
        return []
    asked, stars, users = _asked(pairs, rated), pairs.events.values[rated], pairs.events.user_rows[rated]
    low, high = recommender.network.offsets.scale
    given = {"network": recommender.predict(*asked)["rating"], "bias model": _bias(recommender, asked)}
    rows = []
    for row, shares in given.items():
        predicted = np.clip(low + shares * (high - low), low, high)
        rows += [_row("rating", row, metric, stars, predicted, users) for metric in ("rmse", "mae")]
    return rows


def _likes(
    recommender: FusedRecommender, encoded: Encoded, pairs: LaterPairs
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    labels = Like().labels(pairs.events, encoded.facts)[:, 0]
    known = ~np.isnan(labels)
    if "like" not in recommender.network.network.pair_names or len(np.unique(labels[known])) < 2:
        return [], []
    asked, likes, users = _asked(pairs, known), labels[known], pairs.events.user_rows[known]
    chances = recommender.predict(*asked)["like"]
    rows = [
        _row("like", "network", metric, likes, chances, users) for metric in ("auc", "log_loss", "calibration_error")
    ]
    rows.append(_row("like", "bias model", "auc", likes, _bias(recommender, asked), users))
    curve = prediction.reliability_curve(likes, chances)
    bins = {name: np.asarray(getattr(curve, name)).tolist() for name in ("predicted", "observed", "count")}
    return rows, [{"task": "like", **bins}]


def _tags(recommender: FusedRecommender, encoded: Encoded, past: Events, pairs: LaterPairs) -> list[dict[str, Any]]:
    outputs = recommender.network.people(pairs.histories).get("tags")
    if outputs is None:
        return []
    before, labels = (Tags().labels(events, encoded.facts) for events in (past, pairs.events))
    shares = before[~np.isnan(before).any(axis=1)].mean(axis=0)
    known = ~np.isnan(labels).any(axis=1)
    if not known.any():
        return []
    chances = 1 / (1 + np.exp(-outputs[pairs.owners[known]].astype(np.float64)))
    given = {"network": chances, "tag shares": np.tile(shares, (int(known.sum()), 1))}
    users = pairs.events.user_rows[known]
    return [
        _row("tags", row, metric, labels[known], predicted, users)
        for row, predicted in given.items()
        for metric in ("log_loss", "average_precision")
    ]


def _asked(pairs: LaterPairs, rows: np.ndarray) -> tuple[Any, np.ndarray, np.ndarray]:
    """Histories, owners and items of some of the pairs."""
    return pairs.histories, pairs.owners[rows], pairs.events.item_rows[rows]


def _bias(recommender: FusedRecommender, asked: tuple[Any, np.ndarray, np.ndarray]) -> np.ndarray:
    return np.asarray(recommender.network.offsets.mean + recommender.network.pair_offsets(*asked).sum(axis=1))


def _row(
    task: str, row: str, metric: str, labels: np.ndarray, predicted: np.ndarray, users: np.ndarray
) -> dict[str, Any]:
    measure = getattr(prediction, metric)
    labels, predicted = labels.astype(np.float64), predicted.astype(np.float64)
    low, high = clustered_interval(measure, labels, predicted, users, num_resamples=RESAMPLES[labels.ndim])
    about = {"task": task, "row": row, "metric": metric, "direction": DIRECTIONS[metric]}
    return {**about, "value": float(measure(labels, predicted)), "low": low, "high": high, "num": len(labels)}

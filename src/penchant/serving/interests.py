"""What somebody is interested in, by label: as the model says where it has learned it, else as their events say."""

from collections import Counter
from typing import Any

from penchant.records.words import LIKE_SHARE, NEGATIVE_KINDS, RATING_KINDS
from penchant.stages.model import Model

TASKS = ("interests", "tags")
"""Tasks that know labels of people, the one that was made for it first."""
NUM_LABELS = 12


def interests(model: Model, user_id: str | None, history: list[dict[str, Any]] | None) -> dict[str, Any]:
    """`source`: the task that says so, or "history"; `labels`: `label, value`, the strongest first, values 0..1.

    From a history, a value is the share of the items that somebody chose and did not rate low that carry the tag.
    """
    for task in (task for task in TASKS if task in model.about["columns"]):
        who = None if history is not None else [user_id or ""]
        said = [row for row in model.people(who, history) if row["task"] == task]
        if said:
            return {"source": task, "labels": [_label(row["label"], row["value"]) for row in said[:NUM_LABELS]]}
    past = history if history is not None else model.history(user_id or "", limit=1000)
    return {"source": "history", "labels": _shares(model, past)}


def _shares(model: Model, past: list[dict[str, Any]]) -> list[dict[str, Any]]:
    chosen = [item for event in past if _speaks(event, model.recommender.network.scale) for item in [event["item_id"]]]
    facts = [found for item in dict.fromkeys(chosen) if (found := model.item(item))]
    counts = Counter(tag for item in facts for tag in dict.fromkeys(item["tags"] or ()))
    return [_label(tag, count / len(facts)) for tag, count in counts.most_common(NUM_LABELS)]


def _speaks(event: dict[str, Any], scale: tuple[float, float] | None) -> bool:
    """Whether an event says that somebody likes its item."""
    kind, value = event.get("kind"), event.get("value")
    if event.get("item_id") is None or kind in NEGATIVE_KINDS:
        return False
    if kind not in RATING_KINDS or value is None or scale is None:
        return True
    low, high = scale
    return bool(value >= low + LIKE_SHARE * (high - low))


def _label(label: str, value: float) -> dict[str, Any]:
    return {"label": label, "value": round(float(value), 4)}

"""What `metrics.json` holds, key by key (docs/metrics.md says it in words). It checks form, never figures."""

import math
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any

from penchant.records.errors import DataError, suggestion

SCHEMA_VERSION = 3
METRICS = ("ndcg@10", "recall@10", "mrr@10")
"""The metrics of ranked lists, in the order in which they are shown."""

_Type = type | UnionType
_NUMBER = int | float
_MAYBE = int | float | None  # null: not defined, or not measured
_INTERVAL: dict[str, _Type] = {"value": _NUMBER, "low": _MAYBE, "high": _MAYBE}

_TOP: dict[str, _Type] = {
    "schema_version": int,
    "run": dict,
    "data": dict,
    "protocol": dict,
    "ranking": list,
    "coverage": list,
    "differences": list,
    "lists": list,
    "tasks": list,
    "calibration": list,
    "training": dict,
    "costs": list,
}
_SECTIONS: dict[str, dict[str, _Type]] = {
    "run": {"name": str, "created_at": str, "penchant_version": str, "seed": int, "size": str, "config": dict},
    "protocol": {"name": str, "k": int, "num_cases": int, "description": str},
    "training": {
        "curves": list,
        "sharing": list,
        "seconds": _MAYBE,
        "positions_per_second": _MAYBE,
        "peak_memory_mib": _MAYBE,
        "epochs": int | None,
    },
}
_DATA: dict[str, _Type] = {"num_users": int, "num_items": int, "num_events": int}  # and whatever else is known
_RECORDS: dict[str, dict[str, _Type]] = {
    "ranking": {"row": str, "kind": str, "group": str, "metric": str, **_INTERVAL, "num_cases": int},
    "coverage": {"row": str, "value": _NUMBER},
    "differences": {"name": str, "metric": str, "group": str, "value": _NUMBER, "low": _NUMBER, "high": _NUMBER},
    "lists": {"row": str, "metric": str, **_INTERVAL, **dict.fromkeys(("change", "change_low", "change_high"), _MAYBE)},
    "tasks": {"task": str, "row": str, "metric": str, "direction": str, **_INTERVAL, "value": _MAYBE, "num": int},
    "calibration": {"task": str, "predicted": list, "observed": list, "count": list},
    "costs": {"row": str, "fit_seconds": _MAYBE, "score_seconds": _MAYBE},
}
_SHARING: dict[str, _Type] = {"epoch": int, "kind": str, "of": str, "value": _NUMBER}
_CURVE: dict[str, _Type] = {"epoch": int, "split": str, "name": str, "value": _NUMBER}
_CHOICES = {
    ("ranking", "kind"): ("ours", "network", "simple", "ablation"),
    ("ranking", "metric"): METRICS,
    ("differences", "metric"): METRICS,
    ("tasks", "direction"): ("min", "max"),
    ("training.curves", "split"): ("train", "valid"),
    ("training.sharing", "kind"): ("cosine", "norm", "weight", "load"),
}


def check_metrics(metrics: Mapping[str, Any]) -> None:
    """Raises DataError, naming the place, unless `metrics` has every key of this version, no other, and plain values.

    >>> check_metrics({"schema_version": 1})
    Traceback (most recent call last):
    penchant.records.errors.DataError: Metrics are of schema version 3, but here it is 1. Evaluate again.
    """
    version = metrics.get("schema_version")
    if version != SCHEMA_VERSION:
        raise DataError(f"Metrics are of schema version {SCHEMA_VERSION}, but here it is {version!r}. Evaluate again.")
    check_keys("metrics", metrics, _TOP)
    for section, types in _SECTIONS.items():
        check_keys(section, metrics[section], types)
    check_keys("data", {key: metrics["data"].get(key) for key in _DATA}, _DATA)
    for place, record, types in _records(metrics):
        check_keys(place, record, types)
        _check_choices(place, record)
    for index, plot in enumerate(metrics["calibration"]):
        _check_bins(f"calibration[{index}]", plot)


def _records(metrics: Mapping[str, Any]) -> Iterator[tuple[str, Any, dict[str, _Type]]]:
    """`place, record, types` of every record of every list."""
    lists = {section: (metrics[section], types) for section, types in _RECORDS.items()}
    lists["training.curves"] = (metrics["training"]["curves"], _CURVE)
    lists["training.sharing"] = (metrics["training"]["sharing"], _SHARING)
    for section, (records, types) in lists.items():
        for index, record in enumerate(records):
            yield f"{section}[{index}]", record, types


def check_keys(place: str, record: Any, types: Mapping[str, _Type]) -> None:
    """Raises DataError, naming the place, unless a record has these keys, no other, and plain values of these types."""
    if not isinstance(record, Mapping):
        raise DataError(f"{place} must be an object, but it is {record!r}. See docs/metrics.md.")
    for key in record:
        if key not in types:
            raise DataError(f"{place} has the unknown key {key!r}. {suggestion(str(key), types)}")
    for key, kind in types.items():
        if key not in record:
            raise DataError(f"{place} lacks the key {key!r}. Add it; docs/metrics.md says what it means.")
        _check_value(f"{place}.{key}", record[key], kind)


def _check_value(place: str, value: Any, kind: _Type) -> None:
    wrong = not isinstance(value, kind) or isinstance(value, bool)
    if wrong or (isinstance(value, float) and not math.isfinite(value)):
        wanted = getattr(kind, "__name__", None) or str(kind)
        raise DataError(f"{place} must be a plain, finite {wanted}, but it is {value!r}. See docs/metrics.md.")


def _check_choices(place: str, record: Mapping[str, Any]) -> None:
    section = place.partition("[")[0]
    for (owner, key), allowed in _CHOICES.items():
        if owner == section and record[key] not in allowed:
            raise DataError(f"{place}.{key} is {record[key]!r}. {suggestion(record[key], allowed)}")


def _check_bins(place: str, plot: Mapping[str, Any]) -> None:
    sizes = [len(plot[key]) for key in ("predicted", "observed", "count")]
    if len(set(sizes)) > 1:
        raise DataError(f"{place} needs one value of each kind for every bin, but the numbers are {sizes}.")
    for key in ("predicted", "observed", "count"):
        for value in plot[key]:
            _check_value(f"{place}.{key}", value, _NUMBER)

"""`twins.json` and its page: did learning the tasks together help? It shows what was measured and computes no metric.

docs/metrics.md describes every key.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from penchant.evaluation.gains import HELPS, HURTS, VERDICTS
from penchant.evaluation.page import render
from penchant.evaluation.plots import Plot, forest_plot, lines_plot
from penchant.evaluation.schema import check_keys
from penchant.records.artifacts import write_json
from penchant.records.errors import DataError, suggestion

SCHEMA_VERSION = 1
_NUMBER, _MAYBE = int | float, int | float | None
_INTERVAL = {"value": _NUMBER, "low": _NUMBER, "high": _NUMBER}
_TOP: dict[str, Any] = {
    "schema_version": int,
    "run": dict,
    "protocol": dict,
    "differences": list,
    "verdicts": list,
    "delta_m": dict,
    "cosines": list,
    "budgets": list,
}
_SECTIONS: dict[str, dict[str, Any]] = {
    "run": {"name": str, "created_at": str, "penchant_version": str, "size": str, "config": dict},
    "protocol": {
        "name": str,
        "description": str,
        "k": int,
        "seeds": list,
        "num_cases": int,
        "allowed_leaks": list,
    },
    "delta_m": {"value": _MAYBE, "by_seed": list},
}
_RECORDS: dict[str, dict[str, Any]] = {
    "differences": {
        **{"task": str, "row": str, "metric": str, "direction": str, "num": int},
        **{"joint": _NUMBER, "twin": _NUMBER, **_INTERVAL, "by_seed": list, "relative": _MAYBE, "verdict": str},
    },
    "verdicts": {"task": str, "metric": str, "verdict": str, "num_labels": int, "advice": str},
    "cosines": {"tasks": list, "epoch": int, **_INTERVAL},
    "budgets": {
        **{"network": str, "seed": int, "most_epochs": int, "epochs": int, "refit_epochs": int},
        **{"positions": int, "cpu_seconds": _NUMBER},
    },
}


def write_twins(found: Mapping[str, Any], folder: Path) -> None:
    """Writes `twins.json` and `twins.html` into `folder`, which is made where it is missing.

    Raises: DataError if `found` lacks a key, has an unknown one, or a value of the wrong type.
    """
    check_twins(found)
    page = _page(found)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "twins.json", dict(found))
    (folder / "twins.html").write_text(page, encoding="utf-8")


def check_twins(found: Mapping[str, Any]) -> None:
    """Raises DataError, naming the place, unless `found` has every key of version 1, no other, and plain values."""
    check_keys("twins", found, _TOP)
    if found["schema_version"] != SCHEMA_VERSION:
        version = found["schema_version"]
        raise DataError(f"Twins are of schema version {SCHEMA_VERSION}, but here it is {version}. Run them again.")
    for section, types in _SECTIONS.items():
        check_keys(section, found[section], types)
    for section, types in _RECORDS.items():
        for index, record in enumerate(found[section]):
            check_keys(f"{section}[{index}]", record, types)
            if record.get("verdict", HELPS) not in VERDICTS:
                word = record["verdict"]
                raise DataError(f"{section}[{index}].verdict is {word!r}. {suggestion(word, VERDICTS)}")


def _page(found: Mapping[str, Any]) -> str:
    return render(
        "twins.html.j2",
        found=found,
        headline=_headline(found["verdicts"], found["differences"]),
        differences=_tables(found["differences"]),
        pictures_of_twins=_plots(found),
        budgets=_tables(found["budgets"], "network"),
        config=json.dumps(found["run"]["config"], indent=2, ensure_ascii=False),
    )


def _headline(verdicts: Sequence[Mapping[str, Any]], differences: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Sides with the worst: one task that is hurt is news, and so is a further metric of one that is not."""
    told = {word: [one["task"] for one in verdicts if one["verdict"] == word] for word in VERDICTS}
    text = "; ".join(f"{word}: {', '.join(names)}" for word, names in told.items() if names) + "."
    hurt = [
        f"{one['task']} by {one['metric']}"
        for one in differences
        if one["verdict"] == HURTS and one["task"] not in told[HURTS]
    ]
    if hurt:
        text += f" These are by each task's first metric; by a further one it hurts {', '.join(hurt)}."
    if told[HURTS]:
        return {"verdict": "no", "title": "Learning together hurts a task", "text": text}
    if told[HELPS]:
        title = "Learning together helps" + (", and hurts by a further metric" if hurt else ", and hurts none")
        return {"verdict": "open" if hurt else "yes", "title": title, "text": text}
    return {"verdict": "open", "title": "Not shown to differ from learning each task alone", "text": text}


def _tables(records: Sequence[Mapping[str, Any]], key: str = "task") -> list[list[Mapping[str, Any]]]:
    """One list for each task."""
    tables: dict[str, list[Mapping[str, Any]]] = {}
    for record in records:
        tables.setdefault(record[key], []).append(record)
    return list(tables.values())


def _plots(found: Mapping[str, Any]) -> list[Plot]:
    """Differences as shares of the twin, and the cosines of the tasks' gradients.

    Without calibration errors: they are near 0, and a share of next to nothing would hide all other rows.
    """
    repeated = Counter((one["task"], one["metric"]) for one in found["differences"])
    rows = [
        (
            _label(one, repeated[one["task"], one["metric"]] > 1),
            *(one[end] / abs(one["twin"]) for end in ("value", "low", "high")),
        )
        for one in found["differences"]
        if one["relative"] is not None and one["metric"] != "calibration_error"
    ]
    lines: dict[str, list[tuple[int, float]]] = {}
    for record in found["cosines"]:
        lines.setdefault(" and ".join(record["tasks"]), []).append((record["epoch"], record["value"]))
    plots = [forest_plot("joint better than its twin", rows)] if rows else []
    return [*plots, lines_plot("cosine of gradients", lines)] if lines else plots


def _label(one: Mapping[str, Any], repeated: bool) -> str:
    """Task and metric, and whose it is where several rows have both."""
    return f"{one['task']}, {one['metric']}" + (f" ({one['row']})" if repeated else "")

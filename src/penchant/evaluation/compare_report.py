"""`compare.json` and its page: rows on one split, what each is worth and what it costs. It computes no metric.

docs/compare.md describes every key.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from penchant.evaluation.comparison import ABOVE, BELOW, VERDICTS
from penchant.evaluation.page import render
from penchant.evaluation.plots import Plot, cost_plot
from penchant.evaluation.schema import check_keys
from penchant.records.artifacts import write_json
from penchant.records.errors import DataError, suggestion

SCHEMA_VERSION = 1
KINDS = ("ours", "network", "ablation", "simple", "peer")
_NUMBER, _MAYBE = int | float, int | float | None
_ENDS = {"value": _NUMBER, "low": _NUMBER, "high": _NUMBER}
_TOP: dict[str, Any] = {
    **{"schema_version": int, "run": dict, "data": dict, "protocol": dict},
    **{"rows": list, "differences": list},
}
_SECTIONS: dict[str, dict[str, Any]] = {
    "run": {"name": str, "created_at": str, "penchant_version": str},
    "data": {"num_users": int, "num_items": int, "num_events": int, "split": str},
    "protocol": {
        **{"name": str, "description": str, "k": int, "num_cases": int},
        **{"reference": str, "allowed_leaks": list},
    },
}
_RECORDS: dict[str, dict[str, Any]] = {
    "rows": {
        **{"row": str, "kind": str, "seeds": list, "about": str, "valid_ndcg": _MAYBE, "num_missing": int},
        **dict.fromkeys(("choose_seconds", "fit_seconds", "cpu_seconds", "score_seconds", "peak_mib"), _MAYBE),
        **{"ndcg": dict, "recall": dict, "mrr": dict, "coverage": _NUMBER, "by_seed": list},
    },
    "differences": {"row": str, **_ENDS, "by_seed": list, "p_holm": _NUMBER, "verdict": str},
}
_CHOICES = {"rows": ("kind", KINDS), "differences": ("verdict", VERDICTS)}


def write_comparison(found: Mapping[str, Any], folder: Path) -> None:
    """Writes `compare.json` and `compare.html` into `folder`, which is made where it is missing.

    Raises: DataError if `found` lacks a key, has an unknown one, or a value of the wrong type.
    """
    check_comparison(found)
    page = _page(found)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "compare.json", dict(found))
    (folder / "compare.html").write_text(page, encoding="utf-8")


def check_comparison(found: Mapping[str, Any]) -> None:
    """Raises DataError, naming the place, unless `found` has every key of version 1, no other, and plain values."""
    check_keys("compare", found, _TOP)
    if found["schema_version"] != SCHEMA_VERSION:
        version = found["schema_version"]
        raise DataError(f"Comparisons are of schema version {SCHEMA_VERSION}, but here it is {version}. Compare again.")
    for section, types in _SECTIONS.items():
        check_keys(section, found[section], types)
    for section, types in _RECORDS.items():
        key, known = _CHOICES[section]
        for index, record in enumerate(found[section]):
            check_keys(f"{section}[{index}]", record, types)
            if record[key] not in known:
                raise DataError(f"{section}[{index}].{key} is {record[key]!r}. {suggestion(record[key], known)}")
    for index, row in enumerate(found["rows"]):
        for metric in ("ndcg", "recall", "mrr"):
            check_keys(f"rows[{index}].{metric}", row[metric], _ENDS)


def comparison_lines(found: dict[str, Any]) -> list[str]:
    """A line for each row, best first."""
    against = {record["row"]: record for record in found["differences"]}
    reference, k = found["protocol"]["reference"], found["protocol"]["k"]
    lines = [
        f"{'row':<28} {f'NDCG@{k} [95%]':<25} {'Recall':>7} {'MRR':>7} {'shown':>6} {'fit s':>8}  minus {reference}"
    ]
    for row in sorted(found["rows"], key=lambda row: -row["ndcg"]["value"]):
        ends = f"{row['ndcg']['value']:.4f} [{row['ndcg']['low']:.4f}, {row['ndcg']['high']:.4f}]"
        fit = "-" if row["fit_seconds"] is None else f"{row['fit_seconds']:.1f}"
        others = f"{row['recall']['value']:7.4f} {row['mrr']['value']:7.4f} {row['coverage']:6.1%}"
        line = f"{row['row']:<28} {ends:<25} {others} {fit:>8}"
        one = against.get(row["row"])
        lines.append(line if one is None else f"{line}  {one['value']:+.4f}, p {one['p_holm']:.4f}: {one['verdict']}")
    return lines


def _page(found: Mapping[str, Any]) -> str:
    return render(
        "compare.html.j2",
        found=found,
        headline=_headline(found),
        against={record["row"]: record for record in found["differences"]},
        pictures_of_costs=_plots(found),
    )


def _headline(found: Mapping[str, Any]) -> dict[str, str]:
    """Says which rows are above the reference and which below, and sides with ours where it is among them."""
    told = {word: [one["row"] for one in found["differences"] if one["verdict"] == word] for word in VERDICTS}
    text = "; ".join(f"{word}: {', '.join(names)}" for word, names in told.items() if names) + "."
    reference = found["protocol"]["reference"]
    best = max(found["rows"], key=lambda row: row["ndcg"]["value"])
    title = f"{best['row']} has the highest NDCG@{found['protocol']['k']}, {best['ndcg']['value']:.4f}"
    verdict = "yes" if best["row"] in told[ABOVE] else "no" if best["row"] in told[BELOW] else "open"
    return {"verdict": verdict, "title": title, "text": f"Against {reference}, {text}" if found["differences"] else ""}


def _plots(found: Mapping[str, Any]) -> list[Plot]:
    """Quality by seconds to fit, and by seconds of choosing and fitting on one core, where they are known."""
    plots = []
    for cost, words in (("fit_seconds", "seconds to fit"), ("cpu_seconds", "CPU seconds to choose and fit")):
        points = [
            (row["row"], row[cost], row["ndcg"]["value"], row["kind"] in ("ours", "network", "ablation"))
            for row in found["rows"]
            if row[cost] is not None
        ]
        if points:
            plots.append(cost_plot(f"NDCG@{found['protocol']['k']} by {words}", words, points))
    return plots

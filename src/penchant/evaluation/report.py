"""The honest report: `metrics.json` and one self-contained page. It shows what was measured and computes no metric."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from penchant.evaluation.list_table import list_table
from penchant.evaluation.page import decimal, interval, render, signed_interval
from penchant.evaluation.schema import METRICS, check_metrics
from penchant.records.artifacts import write_json
from penchant.records.errors import DataError, suggestion

_NDCG = METRICS[0]
_TITLES = {"ndcg@10": "NDCG@10", "recall@10": "Recall@10", "mrr@10": "MRR@10"}


@dataclass(frozen=True)
class _Row:
    """One system among the people of one group."""

    name: str
    kind: str
    cells: dict[str, dict[str, Any]]  # metric -> record of `ranking`

    @property
    def ndcg(self) -> float:
        return self.cells[_NDCG]["value"] if _NDCG in self.cells else float("-inf")


@dataclass(frozen=True)
class _Table:
    """The rows of one group without ablations. `top` is the highest end of an NDCG@10 interval, None without one."""

    group: str
    rows: list[_Row]
    num_cases: int
    top: float | None


@dataclass(frozen=True)
class _Headline:
    verdict: str  # yes, no, open
    title: str
    text: str


def write_report(metrics: dict[str, Any], folder: Path) -> None:
    """Writes `metrics.json` and `report.html` into `folder`, which is made where it is missing.

    The page is one file: no script, no request. docs/metrics.md describes every key of `metrics`.

    Raises: DataError if `metrics` lacks a key, has an unknown one, or a value of the wrong type.
    """
    check_metrics(metrics)
    page = _page(metrics)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "metrics.json", metrics)
    (folder / "report.html").write_text(page, encoding="utf-8")


def summary_rows(metrics: Mapping[str, Any], group: str = "all") -> list[tuple[str, str, str, str]]:
    """`row, NDCG@10 with its interval, Recall@10, MRR@10` of every row of a group, best NDCG@10 first.

    Raises: DataError if there is no such group.

    >>> record = {"row": "popularity", "kind": "simple", "group": "all", "num_cases": 9}
    >>> ndcg = record | {"metric": "ndcg@10", "value": 0.25, "low": 0.2, "high": 0.3}
    >>> summary_rows({"ranking": [ndcg]})
    [('popularity', '0.2500 [0.2000, 0.3000]', '-', '-')]
    """
    rows = _rows(metrics["ranking"], group)
    if not rows:
        groups = {record["group"] for record in metrics["ranking"]}
        raise DataError(f"There are no rows for the group {group!r}. {suggestion(group, groups)}")
    return [_summary(row) for row in rows]


def difference_name(row: str, other: str) -> str:
    """The `name` of a record of `differences`: mean of `row` minus `other`, paired by person.

    >>> difference_name("penchant", "popularity")
    'penchant - popularity'
    """
    return f"{row} - {other}"


def _summary(row: _Row) -> tuple[str, str, str, str]:
    ndcg, recall, mrr = (decimal(row.cells[metric]["value"] if metric in row.cells else None) for metric in METRICS)
    ends = f" {interval(row.cells[_NDCG])}" if _NDCG in row.cells else ""
    return row.name, ndcg + ends, recall, mrr


def _rows(ranking: Iterable[dict[str, Any]], group: str) -> list[_Row]:
    """The rows of a group, best NDCG@10 first."""
    rows: dict[str, _Row] = {}
    for record in ranking:
        if record["group"] == group:
            row = rows.setdefault(record["row"], _Row(record["row"], record["kind"], {}))
            row.cells[record["metric"]] = record
    return sorted(rows.values(), key=lambda row: -row.ndcg)


def _table(ranking: Iterable[dict[str, Any]], group: str) -> _Table | None:
    rows = [row for row in _rows(ranking, group) if row.kind != "ablation"]
    if not rows:
        return None
    cells = [cell for row in rows for cell in row.cells.values()]
    ends = [cell["high"] or 0.0 for cell in cells if cell["metric"] == _NDCG]
    return _Table(group, rows, max(cell["num_cases"] for cell in cells), max(ends, default=0.0) or None)


def _headline(metrics: Mapping[str, Any]) -> _Headline:
    """Is ours above the best simple row? By the paired interval, over all cases."""
    rows = [row for row in _rows(metrics["ranking"], "all") if _NDCG in row.cells]
    ours = next((row for row in rows if row.kind == "ours"), None)
    simple = next((row for row in rows if row.kind == "simple"), None)
    if ours is None or simple is None:
        return _Headline(
            "open", "Nothing to compare", "The report needs a row of ours and a simple row over all cases."
        )
    values = f"NDCG@10 is {ours.ndcg:.4f} for {ours.name} and {simple.ndcg:.4f} for {simple.name}, the best simple row"
    difference = _difference(metrics, ours, simple, "all")
    if difference is None:
        return _Headline(
            "open", "Not tested against the best simple row", f"{values}; no paired interval was computed."
        )
    change = f"The paired difference is {difference['value']:+.4f}, 95% interval {signed_interval(difference)}."
    verdict, title = _verdict(difference)
    return _Headline(verdict, title, f"{values}. {change}")


def _verdict(difference: Mapping[str, Any]) -> tuple[str, str]:
    if difference["low"] > 0:
        return "yes", "Above the best simple row"
    if difference["high"] < 0:
        return "no", "Below the best simple row"
    return "open", "Not shown to differ from the best simple row"


def _difference(metrics: Mapping[str, Any], row: _Row, other: _Row, group: str) -> dict[str, Any] | None:
    name = difference_name(row.name, other.name)
    found = (d for d in metrics["differences"] if (d["name"], d["metric"], d["group"]) == (name, _NDCG, group))
    return next(found, None)


def _removed(metrics: Mapping[str, Any], groups: Iterable[str]) -> list[dict[str, Any]]:
    """What leaving each part out costs, group by group: the ablation, and ours minus it."""
    found = []
    for group in groups:
        rows = _rows(metrics["ranking"], group)
        ours = next((row for row in rows if row.kind == "ours"), None)
        for row in rows:
            if row.kind == "ablation":
                cost = _difference(metrics, ours, row, group) if ours else None
                found.append({"group": group, "row": row, "cost": cost, "says": _cost_in_words(cost)})
    return found


def _cost_in_words(cost: Mapping[str, Any] | None) -> str:
    if cost is None:
        return "not tested"
    if cost["low"] > 0:
        return "the part helps"
    return "the part hurts" if cost["high"] < 0 else "not shown to matter"


def _tasks(records: Iterable[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """One list for each task and metric, best first; what is not defined comes last."""
    tables: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for record in records:
        tables.setdefault((record["task"], record["metric"]), []).append(record)
    return [sorted(table, key=_worst_last) for table in tables.values()]


def _worst_last(record: Mapping[str, Any]) -> float:
    value = record["value"]
    if value is None:
        return float("inf")
    return float(value if record["direction"] == "min" else -value)


def _prices(metrics: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Coverage and cost of each row."""
    prices: dict[str, dict[str, Any]] = {}
    for record in metrics["coverage"]:
        prices.setdefault(record["row"], {})["coverage"] = record["value"]
    for record in metrics["costs"]:
        prices.setdefault(record["row"], {}).update(record)
    return prices


def _page(metrics: dict[str, Any]) -> str:
    from penchant.evaluation.plots import reliability_plots, sharing_plots, training_plots

    groups = list(dict.fromkeys(record["group"] for record in metrics["ranking"]))
    return render(
        "report.html.j2",
        metrics=metrics,
        config=json.dumps(metrics["run"]["config"], indent=2, ensure_ascii=False),
        titles=_TITLES,
        headline=_headline(metrics),
        tables=[table for group in groups if (table := _table(metrics["ranking"], group))],
        removed=_removed(metrics, groups),
        lists=dict(zip(("names", "rows"), list_table(metrics["lists"]), strict=True)),
        tasks=_tasks(metrics["tasks"]),
        training_plots=training_plots(metrics["training"]["curves"]),
        sharing_plots=sharing_plots(metrics["training"]["sharing"]),
        reliability_plots=reliability_plots(metrics["calibration"]),
        prices=_prices(metrics),
    )

"""What lists cost and bring, to be read: a row for each measure, a column for each kind of list. It computes no figure."""

from collections.abc import Sequence
from typing import Any

from penchant.evaluation.page import decimal, signed_interval

MEASURES = {
    "distance": "distance within a list",
    "mix_divergence": "divergence from the person's mix of tags, nats",
    "novelty": "novelty, bits",
    "long_tail": "share of the long tail",
    "fresh": "share of fresh items",
    "length": "length",
    "coverage": "coverage of the catalogue",
    "gini": "inequality of exposure (Gini)",
}
"""In the order in which they are shown, behind NDCG."""


def list_table(records: Sequence[dict[str, Any]]) -> tuple[list[str], list[list[str]]]:
    """The names of the kinds of list, and `measure, cell, ...` of each measure.

    >>> plain = {"row": "plain", "metric": "ndcg@10", "value": 0.5, "change": None}
    >>> other = {
    ...     "row": "mmr",
    ...     "metric": "ndcg@10",
    ...     "value": 0.4,
    ...     "change": -0.1,
    ...     "change_low": -0.2,
    ...     "change_high": 0.01,
    ... }
    >>> list_table([plain, other])
    (['plain', 'mmr'], [['NDCG@10', '0.5000', '0.4000 -0.1000 [-0.2000, +0.0100]']])
    """
    names = list(dict.fromkeys(record["row"] for record in records))
    found = {(record["metric"], record["row"]): record for record in records}
    measures = list(dict.fromkeys(record["metric"] for record in records))
    order = [*(name for name in measures if name not in MEASURES), *(name for name in MEASURES if name in measures)]
    rows = [[_title(measure), *(_cell(found[measure, name]) for name in names)] for measure in order]
    return names, rows


def _title(measure: str) -> str:
    """
    >>> _title("fresh_ndcg@10"), _title("gini")
    ('NDCG@10 of fresh items', 'inequality of exposure (Gini)')
    """
    if measure.startswith("fresh_"):
        return f"{measure.removeprefix('fresh_').upper()} of fresh items"
    return MEASURES.get(measure, measure.upper())


def _cell(record: dict[str, Any]) -> str:
    value = decimal(record["value"])
    if record["change"] is None:
        return value
    ends = {"low": record["change_low"], "high": record["change_high"]}
    return f"{value} {record['change']:+.4f} {signed_interval(ends)}"

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from penchant.evaluation.compare_report import write_comparison
from penchant.records.errors import DataError


def row(name: str, kind: str, value: float, **more: Any) -> dict[str, Any]:
    ends = {"value": value, "low": value - 0.01, "high": value + 0.01}
    costs = {"choose_seconds": 2.0, "fit_seconds": 4.5, "cpu_seconds": 6.0, "score_seconds": 1.0, "peak_mib": 300.0}
    told = {"row": name, "kind": kind, "seeds": [0], "about": "", "valid_ndcg": 0.1, "num_missing": 0}
    return {**told, **costs, "ndcg": ends, "recall": ends, "mrr": ends, "coverage": 0.5, "by_seed": [value], **more}


@pytest.fixture
def found() -> dict[str, Any]:
    """A comparison as it would be handed in: ours above the reference, a peer below that tells no costs."""
    unknown = dict.fromkeys(("choose_seconds", "fit_seconds", "cpu_seconds", "score_seconds", "peak_mib"))
    above = {"value": 0.05, "low": 0.04, "high": 0.06, "by_seed": [0.05], "p_holm": 0.0002, "verdict": "above"}
    below = {"value": -0.1, "low": -0.12, "high": -0.08, "by_seed": [-0.1], "p_holm": 0.0003, "verdict": "below"}
    return {
        "schema_version": 1,
        "run": {"name": "<shop>", "created_at": "2026-11-25T12:00:00+00:00", "penchant_version": "0.1.0"},
        "data": {"num_users": 60, "num_items": 40, "num_events": 1234, "split": "0123456789abcdef"},
        "protocol": {"name": "leave-last-out", "description": "Last.", "k": 10, "num_cases": 60}
        | {"reference": "transitions", "allowed_leaks": ["shared events (2 rows)"]},
        "rows": [
            row("penchant", "ours", 0.25),
            row("transitions", "simple", 0.2),
            row("<SASRec>", "peer", 0.1, about="1.0, cut", num_missing=3, **unknown),
        ],
        "differences": [{"row": "penchant", **above}, {"row": "<SASRec>", **below}],
    }


def test_the_page_says_what_the_file_holds(found: dict[str, Any], tmp_path: Path) -> None:
    write_comparison(found, tmp_path / "report")
    assert json.loads((tmp_path / "report" / "compare.json").read_text("utf-8")) == found
    page = (tmp_path / "report" / "compare.html").read_text("utf-8")
    assert "penchant has the highest NDCG@10, 0.2500" in page
    assert "Against transitions, above: penchant; below: &lt;SASRec&gt;." in page
    assert "<SASRec>" not in page
    assert "+0.0500<small>[+0.0400, +0.0600]</small>" in page
    assert "peer, 1.0, cut; 3 cases without a list" in page
    assert "shared events (2 rows)" in page
    assert "NDCG@10 by seconds to fit: penchant 0.2500 after 4.50; transitions 0.2000 after 4.50." in page
    assert "http" not in page.replace("http-equiv", "")


@pytest.mark.parametrize(
    ("verdict", "shown"),
    [("above", "headline yes"), ("not shown to differ", "headline open"), ("below", "headline no")],
)
def test_the_headline_takes_the_side_of_the_test(
    found: dict[str, Any], verdict: str, shown: str, tmp_path: Path
) -> None:
    found["differences"][0]["verdict"] = verdict
    write_comparison(found, tmp_path)
    assert shown in (tmp_path / "compare.html").read_text("utf-8")


def test_without_costs_there_is_no_picture(found: dict[str, Any], tmp_path: Path) -> None:
    found["rows"] = found["rows"][2:]
    found["differences"] = []
    write_comparison(found, tmp_path)
    assert "<figure>" not in (tmp_path / "compare.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("schema_version",), 2, "schema version 1, but here it is 2"),
        (("rows", 0, "kind"), "our", r"rows\[0\].kind is 'our'. Did you mean 'ours'"),
        (("rows", 0, "coverage"), None, r"rows\[0\].coverage must be"),
        (("rows", 1, "ndcg"), {"value": 1.0}, r"rows\[1\].ndcg lacks the key 'low'"),
        (("differences", 0, "verdict"), "better", r"differences\[0\].verdict is 'better'"),
        (("protocol", "seed"), 3, "protocol has the unknown key 'seed'"),
    ],
)
def test_a_wrong_form_is_refused(
    found: dict[str, Any], place: tuple[Any, ...], value: Any, message: str, tmp_path: Path
) -> None:
    wrong = copy.deepcopy(found)
    inner = wrong
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    with pytest.raises(DataError, match=message):
        write_comparison(wrong, tmp_path)
    assert not list(tmp_path.iterdir())

import copy
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from penchant.evaluation.report import difference_name, summary_rows, write_report
from penchant.records.errors import DataError

ATTACK = '<script>alert(1)</script>"onload="x'


def page_of(metrics: dict[str, Any], folder: Path) -> str:
    write_report(metrics, folder)
    return (folder / "report.html").read_text(encoding="utf-8")


def words_of(page: str) -> str:
    """What a reader sees, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", "", page, flags=re.S)).split())


def test_writes_the_metrics_as_they_are(metrics: dict[str, Any], tmp_path: Path) -> None:
    before = copy.deepcopy(metrics)
    write_report(metrics, tmp_path / "new" / "report")
    assert json.loads((tmp_path / "new/report/metrics.json").read_text(encoding="utf-8")) == before == metrics
    assert sorted(path.name for path in (tmp_path / "new/report").iterdir()) == ["metrics.json", "report.html"]


def test_same_metrics_give_the_same_bytes(metrics: dict[str, Any], tmp_path: Path) -> None:
    assert page_of(metrics, tmp_path / "a") == page_of(metrics, tmp_path / "b")


def test_page_asks_nobody_and_runs_nothing(metrics: dict[str, Any], tmp_path: Path) -> None:
    page = page_of(metrics, tmp_path)
    sources = re.findall(r'\b(?:src|srcset|href|action|data)="([^"]*)"', page)
    assert sources
    assert all(source.startswith("data:image/svg+xml;base64,") for source in sources)
    assert not re.search(r"<script|<link|<iframe|@import|url\(|https?://|\son\w+=", page)
    assert "default-src 'none'" in page


def test_page_fits_its_reader(metrics: dict[str, Any], tmp_path: Path) -> None:
    page = page_of(metrics, tmp_path)
    assert "prefers-color-scheme: dark" in page
    assert 'name="viewport" content="width=device-width' in page
    pictures = re.findall(r"<img[^>]*>", page)
    assert len(pictures) == 2 + 4  # one curve, one task; cosines, norms, weights, experts of one task
    assert all(re.search(r'alt="[^"]{20,}"', picture) for picture in pictures)
    assert "valid from 1.1000 at epoch 1 to 0.9000 at epoch 2" in page
    assert "100 predictions in 2 bins; the largest gap is 0.1000, at predicted 0.8000" in page


@pytest.mark.parametrize(
    ("low", "high", "title"),
    [
        (0.005, 0.035, "Above the best simple row"),
        (-0.001, 0.035, "Not shown to differ from the best simple row"),
        (0.0, 0.035, "Not shown to differ from the best simple row"),
        (-0.035, -0.005, "Below the best simple row"),
    ],
)
def test_headline_follows_the_paired_interval(
    metrics: dict[str, Any], tmp_path: Path, low: float, high: float, title: str
) -> None:
    metrics["differences"][0] |= {"low": low, "high": high}
    words = words_of(page_of(metrics, tmp_path))
    assert f"{title} NDCG@10 is 0.1300 for Penchant and 0.1100 for transitions, the best simple row." in words
    assert f"+0.0200, 95% interval [{low:+.4f}, {high:+.4f}]" in words


def test_headline_claims_nothing_without_an_interval(metrics: dict[str, Any], tmp_path: Path) -> None:
    metrics["differences"] = []
    assert "Not tested against the best simple row" in words_of(page_of(metrics, tmp_path))


def test_headline_claims_nothing_without_a_simple_row(metrics: dict[str, Any], tmp_path: Path) -> None:
    metrics["ranking"] = [record for record in metrics["ranking"] if record["kind"] != "simple"]
    assert "Nothing to compare" in words_of(page_of(metrics, tmp_path))


def test_each_group_has_its_sorted_table(metrics: dict[str, Any], tmp_path: Path) -> None:
    words = words_of(page_of(metrics, tmp_path))
    row = r"{} {} {:.4f} \[{:.4f}, {:.4f}\] .*?"
    for group, share in (("all", 1), ("cold_history", 0.5)):
        systems = [("Penchant", "ours", 0.13), ("transitions", "simple", 0.11), ("popularity", "simple", 0.06)]
        values = [(n, k, v * share, v * share - 0.01, v * share + 0.01) for n, k, v in systems]
        assert re.search(f"{group} 943 cases .*?" + "".join(row.format(*value) for value in values), words)


def test_remove_one_says_what_each_part_is_worth(metrics: dict[str, Any], tmp_path: Path) -> None:
    words = words_of(page_of(metrics, tmp_path))
    assert "without text all 0.1290 [0.1190, 0.1390] +0.0010 [-0.0040, +0.0060] not shown to matter" in words
    assert "without network all 0.1200 [0.1100, 0.1300] +0.0100 [+0.0020, +0.0180] the part helps" in words


def test_tasks_put_the_best_first_and_admit_what_is_not_defined(metrics: dict[str, Any], tmp_path: Path) -> None:
    words = words_of(page_of(metrics, tmp_path))
    lower = "rating rmse lower is better"
    assert f"Penchant {lower} 1.0200 [1.0100, 1.0300] 2,000 constant {lower} 1.1300 [1.1200, 1.1400] 2,000" in words
    assert "Penchant like auc higher is better - - 0" in words


def test_coverage_and_cost_meet_in_one_table(metrics: dict[str, Any], tmp_path: Path) -> None:
    words = words_of(page_of(metrics, tmp_path))
    assert "Penchant 0.6250 61.50 0.75 transitions - 0.25 -" in words


def test_lists_as_they_were_asked_for_stand_beside_the_plain_ones(metrics: dict[str, Any], tmp_path: Path) -> None:
    words = words_of(page_of(metrics, tmp_path))
    assert "measure plain mmr:weight=0.3 NDCG@10 0.1300 0.1250 -0.0050 [-0.0150, +0.0050]" in words
    assert "distance within a list 0.5000 0.6000 +0.1000 [+0.0900, +0.1100]" in words


def test_a_report_without_optional_parts_is_a_page(metrics: dict[str, Any], tmp_path: Path) -> None:
    for section in ("ranking", "coverage", "differences", "lists", "tasks", "calibration", "costs"):
        metrics[section] = []
    metrics["training"] = dict.fromkeys(metrics["training"]) | {"curves": [], "sharing": []}
    page = page_of(metrics, tmp_path)
    assert "Nothing to compare" in page
    assert "<img" not in page


def test_names_from_outside_are_only_text(metrics: dict[str, Any], tmp_path: Path) -> None:
    metrics["run"] |= {"name": ATTACK, "config": {ATTACK: ATTACK}}
    metrics["data"]["source"] = ATTACK
    metrics["protocol"]["description"] = ATTACK
    for section in ("ranking", "coverage", "costs", "tasks"):
        metrics[section][0]["row"] = ATTACK
    for record in metrics["lists"]:
        record["row"] += ATTACK
    metrics["ranking"][-1]["group"] = metrics["differences"][0]["name"] = ATTACK
    metrics["tasks"][0]["task"] = metrics["calibration"][0]["task"] = ATTACK
    metrics["training"]["curves"][0]["name"] = ATTACK
    page = page_of(metrics, tmp_path)
    assert "<script" not in page
    assert '"onload' not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34;onload=" in page


def test_summary_is_sorted_and_has_four_decimals(metrics: dict[str, Any]) -> None:
    assert summary_rows(metrics, "cold_history") == [
        ("Penchant", "0.0650 [0.0550, 0.0750]", "0.1300", "0.0325"),
        ("transitions", "0.0550 [0.0450, 0.0650]", "0.1100", "0.0275"),
        ("popularity", "0.0300 [0.0200, 0.0400]", "0.0600", "0.0150"),
    ]
    assert len(summary_rows(metrics)) == 5


def test_summary_of_an_unknown_group(metrics: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=r"no rows for the group 'cold'.*Known: all, cold_history"):
        summary_rows(metrics, "cold")


def test_a_difference_is_found_by_its_name(metrics: dict[str, Any]) -> None:
    assert metrics["differences"][0]["name"] == difference_name("Penchant", "transitions")


def test_wrong_metrics_leave_no_file(metrics: dict[str, Any], tmp_path: Path) -> None:
    del metrics["costs"]
    with pytest.raises(DataError, match="metrics lacks the key 'costs'"):
        write_report(metrics, tmp_path / "report")
    assert not (tmp_path / "report").exists()


def test_heavy_libraries_wait_for_a_report() -> None:
    code = "import sys, penchant.evaluation.report; print({'matplotlib', 'jinja2'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"

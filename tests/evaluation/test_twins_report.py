import copy
import json
from pathlib import Path
from typing import Any

import pytest

from penchant.evaluation.twins_report import write_twins
from penchant.records.errors import DataError


@pytest.fixture
def found() -> dict[str, Any]:
    """Twins as a comparison would hand them in: one task helped, one hurt."""
    ends = {"joint": 0.75, "twin": 0.5, "value": 0.25, "low": 0.125, "high": 0.375, "by_seed": [0.2, 0.3]}
    worse = {"joint": 1.1, "twin": 1.0, "value": -0.1, "low": -0.15, "high": -0.05, "by_seed": [-0.1, -0.1]}
    about = {"row": "network alone", "num": 40}
    return {
        "schema_version": 1,
        "run": {"name": "<shop>", "created_at": "2026-11-25T12:00:00+00:00", "penchant_version": "0.1.0"}
        | {"size": "tiny", "config": {"epochs": 2}},
        "protocol": {"name": "global-time", "description": "By time.", "k": 10, "seeds": [0, 1], "num_cases": 40}
        | {"allowed_leaks": ["shared events (2 rows)"]},
        "differences": [
            {"task": "like", "metric": "auc", "direction": "max", **about, **ends, "relative": 0.5, "verdict": "helps"},
            {"task": "rating", "metric": "rmse", "direction": "min", **about, **worse}
            | {"relative": -0.1, "verdict": "hurts"},
        ],
        "verdicts": [
            {"task": "like", "metric": "auc", "verdict": "helps", "num_labels": 400, "advice": "Keep it."},
            {"task": "rating", "metric": "rmse", "verdict": "hurts", "num_labels": 4000, "advice": "Reweight."},
        ],
        "delta_m": {"value": 0.2, "by_seed": [0.15, 0.25]},
        "cosines": [
            {"tasks": ["like", "rating"], "epoch": epoch, "value": value, "low": value - 0.1, "high": value + 0.1}
            for epoch, value in ((1, 0.5), (2, -0.25))
        ],
        "budgets": [
            {"network": "joint", "seed": 0, "most_epochs": 14, "epochs": 9, "refit_epochs": 5, "positions": 1234}
            | {"cpu_seconds": 2.5}
        ],
    }


def test_the_page_says_what_the_file_holds(found: dict[str, Any], tmp_path: Path) -> None:
    write_twins(found, tmp_path / "report")
    assert json.loads((tmp_path / "report" / "twins.json").read_text("utf-8")) == found
    page = (tmp_path / "report" / "twins.html").read_text("utf-8")
    assert "Learning together hurts a task" in page
    assert "helps: like; hurts: rating." in page
    assert "&lt;shop&gt;" in page
    assert "<shop>" not in page
    assert "+0.2500<small>[+0.1250, +0.3750]</small>" in page
    assert "(Delta-m) is +20.00%" in page
    assert "shared events (2 rows)" in page
    assert "like, auc +50.0% from +25.0% to +75.0%; rating, rmse -10.0% from -15.0% to -5.0%" in page
    assert "like and rating from 0.50 to -0.25" in page
    assert "http" not in page.replace("http-equiv", "")


def test_the_headline_sides_with_the_worst(found: dict[str, Any], tmp_path: Path) -> None:
    def title(*verdicts: str) -> str:
        told = copy.deepcopy(found)
        for one, verdict in zip(told["verdicts"], verdicts, strict=True):
            one["verdict"] = verdict
        for one, verdict in zip(told["differences"], verdicts, strict=True):
            one["verdict"] = verdict
        write_twins(told, tmp_path)
        return (tmp_path / "twins.html").read_text("utf-8")

    assert "Learning together helps, and hurts none" in title("helps", "neutral")
    assert "Not shown to differ" in title("neutral", "neutral")
    assert "Learning together hurts a task" in title("helps", "hurts")


def test_a_further_metric_that_is_hurt_is_told_of_beside_the_verdict(found: dict[str, Any], tmp_path: Path) -> None:
    found["verdicts"][1]["verdict"] = "neutral"  # by another metric than the one of the difference that hurts
    found["differences"][1]["metric"] = "mae"
    write_twins(found, tmp_path)
    page = (tmp_path / "twins.html").read_text("utf-8")
    assert "Learning together helps, and hurts by a further metric" in page
    assert "by a further one it hurts rating by mae." in page


def test_the_picture_tells_rows_apart_and_leaves_calibration_errors_out(found: dict[str, Any], tmp_path: Path) -> None:
    whole, errs = copy.deepcopy(found["differences"][0]), copy.deepcopy(found["differences"][0])
    whole["row"], errs["metric"] = "Penchant", "calibration_error"
    found["differences"] += [whole, errs]
    write_twins(found, tmp_path)
    page = (tmp_path / "twins.html").read_text("utf-8")
    assert "like, auc (network alone) +50.0%" in page
    assert "like, auc (Penchant) +50.0%" in page
    assert "like, calibration_error +" not in page


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema_version": 2}, r"schema version 1, but here it is 2\. Run them again"),
        ({"surplus": 1}, "unknown key 'surplus'"),
        ({"delta_m": {"value": float("nan"), "by_seed": []}}, "delta_m.value must be a plain, finite"),
        ({"budgets": [{"network": "joint"}]}, r"budgets\[0\] lacks the key 'seed'"),
        ({"verdicts": [{"task": "a", "metric": "auc", "verdict": "help", "num_labels": 1, "advice": ""}]}, "'help'"),
    ],
)
def test_what_does_not_fit_is_told(found: dict[str, Any], change: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        write_twins(found | change, tmp_path)
    assert not (tmp_path / "twins.json").exists()

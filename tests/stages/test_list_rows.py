"""A report that was asked for lists, on a shop that is really learned from."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from penchant.cli import app
from penchant.records.data import Data
from penchant.records.errors import ConfigError, DataError
from penchant.stages.config import resolve_config
from penchant.stages.encode import Encoded, encode
from penchant.stages.evaluate import OURS, evaluate_encoded
from penchant.stages.list_rows import PLAIN
from penchant.stages.prepare import write_data

FAST = {"epochs": 3, "embedding_size": 32, "num_positions": 256}


@pytest.fixture(scope="module")
def encoded(shop: Data, tmp_path_factory: pytest.TempPathFactory) -> Encoded:
    patch = pytest.MonkeyPatch()
    patch.setenv("PENCHANT_CACHE", str(tmp_path_factory.mktemp("cache")))
    return encode(shop, "hashing")


def lists_of(
    encoded: Encoded, folder: Path, **asked: Any
) -> tuple[dict[str, Any], dict[tuple[str, str], dict[str, Any]]]:
    metrics, _ = evaluate_encoded(encoded, resolve_config("tiny", 0, **FAST), folder, **asked)
    return metrics, {(record["row"], record["metric"]): record for record in metrics["lists"]}


def test_what_was_asked_for_is_measured_beside_the_plain_lists(encoded: Encoded, tmp_path: Path) -> None:
    rules = {"caps": {"tags": 3}}
    metrics, found = lists_of(encoded, tmp_path, rerank=["mmr:weight=0.8", "fresh:slots=2,fewer=20"], rules=rules)
    name = "mmr:weight=0.8 + fresh:slots=2,fewer=20 + cap tags=3"
    assert {row for row, _ in found} == {PLAIN, name}
    ours = next(
        row for row in metrics["ranking"] if (row["row"], row["group"], row["metric"]) == (OURS, "all", "ndcg@10")
    )
    assert found[PLAIN, "ndcg@10"]["value"] == pytest.approx(ours["value"])
    cost = found[name, "ndcg@10"]
    assert cost["change"] == pytest.approx(cost["value"] - ours["value"])
    assert cost["change_low"] <= cost["change"] <= cost["change_high"]
    assert found[name, "distance"]["change"] > 0
    assert found[name, "mix_divergence"]["value"] > 0
    assert found[PLAIN, "length"]["value"] == 10
    assert found[name, "coverage"]["change"] is None
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Lists as they were asked for" in page
    assert name in page


def test_places_for_fresh_items_are_measured_by_what_is_fresh_there(encoded: Encoded, tmp_path: Path) -> None:
    """Three items that nobody met before the requests: everything goes to them, so that what seeks them is found."""
    late = encoded.events.timestamps >= np.quantile(encoded.events.timestamps, 0.9)
    seen = late | ~np.isin(encoded.events.item_rows, [0, 1, 2])
    without = replace(encoded, events=encoded.events.take(seen))
    _, found = lists_of(without, tmp_path, rerank=["fresh:share=1,fewer=1"])
    name = "fresh:share=1,fewer=1"
    assert found[name, "fresh"]["value"] == pytest.approx(0.2)
    assert found[name, "fresh_ndcg@10"]["change"] > 0
    assert found[name, "ndcg@10"]["value"] != found[name, "fresh_ndcg@10"]["value"]
    assert "NDCG@10 of fresh items" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_nothing_asked_for_is_nothing_measured(encoded: Encoded, tmp_path: Path) -> None:
    metrics, _ = lists_of(encoded, tmp_path)
    assert metrics["lists"] == []
    assert "Lists as they were asked for" not in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("asked", "error", "told"),
    [
        ({"rerank": ["mrr"]}, ConfigError, "Unknown re-ranker 'mrr'"),
        ({"rerank": ["fresh:days=30"]}, DataError, "no item says when it came"),
        ({"rules": {"caps": {"maker": 1}}}, DataError, "No item has 'maker'"),
        ({"rules": {"blocks": {"tags": ["jaz"]}}}, DataError, "No item has the tags 'jaz'"),
    ],
)
def test_mistakes_are_named_before_anything_is_learned(
    encoded: Encoded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any], error: type, told: str
) -> None:
    monkeypatch.setattr("penchant.stages.evaluate.choose", lambda *_: pytest.fail("it was learned first"))
    with pytest.raises(error, match=told):
        lists_of(encoded, tmp_path, **asked)


def test_the_command_line_asks_for_it_and_shows_it(shop: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENCHANT_CACHE", str(tmp_path / "cache"))
    write_data(tmp_path / "run", shop)
    options = ["--encoder", "hashing", "--set", "epochs=1", "--set", "embedding_size=16", "--set", "num_positions=256"]
    asked = [
        "evaluate",
        str(tmp_path / "run"),
        "--size",
        "tiny",
        *options,
        "--rerank",
        "damped:weight=1",
        "--block",
        "tags=jazz",
    ]
    told = CliRunner().invoke(app, asked, catch_exceptions=False)
    assert told.exit_code == 0
    assert "block tags=jazz" in told.stdout
    metrics = json.loads((tmp_path / "run" / "report" / "metrics.json").read_text(encoding="utf-8"))
    assert {record["row"] for record in metrics["lists"]} == {PLAIN, "damped:weight=1 + block tags=jazz"}

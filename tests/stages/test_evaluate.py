from pathlib import Path

import pytest

from penchant.records.data import Data
from penchant.records.errors import ConfigError
from penchant.stages.config import resolve_config
from penchant.stages.encode import Encoded, encode
from penchant.stages.evaluate import ALONE, OURS, WITHOUT, evaluate_encoded


@pytest.fixture(scope="module")
def encoded(shop: Data, tmp_path_factory: pytest.TempPathFactory) -> Encoded:
    patch = pytest.MonkeyPatch()
    patch.setenv("PENCHANT_CACHE", str(tmp_path_factory.mktemp("cache")))
    return encode(shop, "hashing")


@pytest.mark.parametrize("protocol", ["global-time", "leave-last-out"])
def test_the_report_has_every_row(encoded: Encoded, tmp_path: Path, protocol: str) -> None:
    config = resolve_config("tiny", 0, epochs=3, embedding_size=32, num_positions=256)
    metrics, choice = evaluate_encoded(encoded, config, tmp_path, protocol=protocol)
    rows = {row["row"] for row in metrics["ranking"]}
    assert {
        OURS,
        ALONE,
        WITHOUT,
        "popularity",
        "recent popularity",
        "item-kNN",
        "EASE",
        "transitions",
        "text-kNN",
    } <= rows
    assert metrics["protocol"]["name"] == protocol
    assert 1 <= choice.epochs <= 3
    told = {(row["task"], row["row"], row["metric"]) for row in metrics["tasks"]}
    assert {("rating", "bias model", "rmse"), ("like", "network", "auc"), ("tags", "tag shares", "log_loss")} <= told
    costs = {row["row"]: row["fit_seconds"] for row in metrics["costs"]}
    assert costs[OURS] == pytest.approx(costs[ALONE] + costs[WITHOUT])
    assert costs[ALONE] > costs["popularity"] > 0
    assert "<html" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_an_unknown_protocol_is_refused(encoded: Encoded, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Did you mean 'global-time'"):
        evaluate_encoded(encoded, resolve_config("tiny", 0), tmp_path, protocol="globaltime")

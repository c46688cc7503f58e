from pathlib import Path
from typing import Any

import pytest

from penchant.evaluation.schema import check_metrics
from penchant.records.errors import DataError


def test_accepts_a_whole_report(metrics: dict[str, Any]) -> None:
    check_metrics(metrics)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("schema_version",), 1, r"schema version 3, but here it is 1\. Evaluate again"),
        (("rankings",), [], r"metrics has the unknown key 'rankings'\. Did you mean 'ranking'\?"),
        (("run", "sed"), 1, r"run has the unknown key 'sed'\. Did you mean 'seed'\?"),
        (("run", "seed"), "0", r"run\.seed must be a plain, finite int, but it is '0'"),
        (("run", "seed"), True, r"run\.seed must be a plain, finite int, but it is True"),
        (("data", "num_items"), None, r"data\.num_items must be a plain, finite int, but it is None"),
        (("ranking", 0, "kind"), "simpel", r"ranking\[0\]\.kind is 'simpel'\. Did you mean 'simple'\?"),
        (("ranking", 1, "metric"), "ndcg@1O", r"ranking\[1\]\.metric is 'ndcg@1O'\. Did you mean 'ndcg@10'\?"),
        (("ranking", 2, "value"), float("nan"), r"ranking\[2\]\.value must be a plain, finite int \| float"),
        (("ranking", 0), 3, r"ranking\[0\] must be an object, but it is 3"),
        (
            ("differences", 0, "low"),
            None,
            r"differences\[0\]\.low must be a plain, finite int \| float, but it is None",
        ),
        (("tasks", 0, "direction"), "up", r"tasks\[0\]\.direction is 'up'\. Known: max, min"),
        (("calibration", 0, "count"), [1], r"calibration\[0\] needs one value.*\[2, 2, 1\]"),
        (("calibration", 0, "observed"), [0.5, None], r"calibration\[0\]\.observed must be a plain"),
        (("training", "curves", 0, "split"), "test", r"training\.curves\[0\]\.split is 'test'\. Known: train, valid"),
    ],
)
def test_names_the_place_and_the_value(
    metrics: dict[str, Any], path: tuple[Any, ...], value: Any, message: str
) -> None:
    record = metrics
    for key in path[:-1]:
        record = record[key]
    record[path[-1]] = value
    with pytest.raises(DataError, match=message):
        check_metrics(metrics)


@pytest.mark.parametrize(
    ("section", "key"), [("run", "config"), ("data", "num_events"), ("protocol", "k"), ("training", "curves")]
)
def test_every_key_is_needed(metrics: dict[str, Any], section: str, key: str) -> None:
    del metrics[section][key]
    with pytest.raises(DataError, match=f"{section}.*{key}"):
        check_metrics(metrics)


def test_every_key_is_documented(metrics: dict[str, Any]) -> None:
    page = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
    del metrics["data"]["source"]
    places = [metrics, metrics["run"], metrics["data"], metrics["protocol"], metrics["training"]]
    places += [metrics[section][0] for section in metrics if isinstance(metrics[section], list)]
    keys = {key for place in [*places, metrics["training"]["curves"][0]] for key in place}
    assert {key for key in keys if f"`{key}`" not in page} == set()

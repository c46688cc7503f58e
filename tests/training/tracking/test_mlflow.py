import os
import sys
from pathlib import Path

import pytest

from penchant.records.errors import ConfigError, MissingExtraError
from penchant.training.tracking.mlflow import NO_TELEMETRY, MLflow
from training.ring import learn_ring


def test_the_database_has_the_curves(tmp_path: Path) -> None:
    from mlflow import MlflowClient

    url = f"sqlite:///{tmp_path / 'mlflow.db'}"
    scores = {"next_item": 0.5, "rating": 0.25}
    options = {"epochs": 3, "cosine_every": 1, "validate": lambda _: scores, "ema": 0.9}
    _, result = learn_ring(callbacks=[MLflow(url, "shop")], **options)
    with pytest.raises(ConfigError, match="became"):
        learn_ring(callbacks=[MLflow(url, "shop")], learning_rate=1e32)
    client = MlflowClient(tracking_uri=url)
    experiment = client.get_experiment_by_name("penchant")
    failed, run = client.search_runs([experiment.experiment_id])  # newest first
    assert (failed.info.status, run.info.status) == ("FAILED", "FINISHED")
    assert run.info.run_name == "shop train"
    assert (run.data.params["ema"], run.data.params["tasks"]) == ("0.9", "next_item, rating")
    history = client.get_metric_history(run.info.run_id, "loss/rating")
    assert [(one.step, one.value) for one in history] == [
        (end.epoch + 1, end.losses["rating"]) for end in result.curves
    ]
    assert client.get_metric_history(run.info.run_id, "cosine/next_item and rating")
    assert os.environ[NO_TELEMETRY] == "true"


@pytest.mark.parametrize("url", ["runs", "file:///runs", "sqlit:///runs.db"])
def test_runs_are_kept_in_a_database_or_on_a_server(url: str) -> None:
    with pytest.raises(ConfigError, match=r"in a database or on a server, found '.*'. Try sqlite:///"):
        MLflow(url)


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(MissingExtraError, match=r"needs `mlflow-skinny`.*penchant\[track\]"):
        MLflow("sqlite:///runs.db")

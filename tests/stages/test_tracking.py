from pathlib import Path

import pytest

from penchant.records.errors import ConfigError
from penchant.stages.tracking import make_trackers
from penchant.training.tracking.mlflow import MLflow
from penchant.training.tracking.tensorboard import TensorBoard


def test_trackers_write_into_the_run_unless_told_where(tmp_path: Path) -> None:
    board, elsewhere, flow = make_trackers(
        ["tensorboard", f"tensorboard={tmp_path / 'all'}", "mlflow"], tmp_path / "shop"
    )
    assert isinstance(board, TensorBoard)
    assert isinstance(elsewhere, TensorBoard)
    assert isinstance(flow, MLflow)
    assert (board.folder, elsewhere.folder) == (tmp_path / "shop" / "tensorboard", tmp_path / "all")
    assert flow.run == "shop"


def test_an_unknown_tracker_is_told_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Did you mean 'tensorboard'"):
        make_trackers(["tensorbord"], tmp_path)
    with pytest.raises(ConfigError, match="in a database or on a server"):
        make_trackers(["mlflow=file:///runs"], tmp_path)

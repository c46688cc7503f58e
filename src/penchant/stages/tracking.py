"""Trackers by word: "tensorboard", or "mlflow=sqlite:///runs.db"."""

from collections.abc import Callable, Sequence
from pathlib import Path

from penchant.records.ranges import check_word
from penchant.training.callbacks import Callback


def _tensorboard(run: Path, place: str) -> Callback:
    from penchant.training.tracking.tensorboard import TensorBoard

    return TensorBoard(Path(place) if place else run / "tensorboard")


def _mlflow(run: Path, place: str) -> Callback:
    from penchant.training.tracking.mlflow import MLflow

    return MLflow(place or f"sqlite:///{(run / 'mlflow.db').resolve()}", run.name)


TRACKERS: dict[str, Callable[[Path, str], Callback]] = {"tensorboard": _tensorboard, "mlflow": _mlflow}


def make_trackers(words: Sequence[str], run: Path) -> list[Callback]:
    """A place may follow after "="; default: `run/tensorboard`, and `run/mlflow.db` by SQLite.

    Raises: ConfigError for an unknown word or place, MissingExtraError without the library.
    """
    found = []
    for text in words:
        word, _, place = text.partition("=")
        check_word("tracker", word, TRACKERS)
        found.append(TRACKERS[word](run, place))
    return found

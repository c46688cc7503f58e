"""MLflow's client alone: runs in a SQLite file, or on a server that the user names. Its own telemetry is switched off."""

import os
import time

from penchant.records.errors import ConfigError, MissingExtraError
from penchant.training.callbacks import Callback, EpochEnd, Start
from penchant.training.tracking.numbers import numbers_of

NO_TELEMETRY = "MLFLOW_DISABLE_TELEMETRY"
KINDS = ("sqlite", "postgresql", "mysql", "mssql", "http", "https")


class MLflow(Callback):
    """One MLflow run for each training, named `RUN TITLE`, in the experiment `penchant`. Steps are epochs, from 1.

    url: `sqlite:///FILE`, or a server's `http://HOST:PORT`. MLflow no longer keeps runs in folders.
    Raises: ConfigError for another kind of URL, MissingExtraError without the library.
    """

    def __init__(self, url: str, run: str = "run") -> None:
        if url.partition("://")[0].partition("+")[0] not in KINDS:
            raise ConfigError(
                f"MLflow keeps runs in a database or on a server, found {url!r}. Try sqlite:///mlflow.db."
            )
        os.environ.setdefault(NO_TELEMETRY, "true")  # read when it is imported
        try:
            from mlflow import MlflowClient
        except ImportError:
            raise MissingExtraError.of("mlflow-skinny", "track") from None
        self.run = run
        self._client = MlflowClient(tracking_uri=url)

    def on_start(self, start: Start) -> None:
        from mlflow.entities import Param

        experiment = self._client.get_experiment_by_name("penchant")
        place = experiment.experiment_id if experiment else self._client.create_experiment("penchant")
        self._id = self._client.create_run(place, run_name=f"{self.run} {start.title}").info.run_id
        options = {"epochs": start.num_epochs, "tasks": ", ".join(start.tasks), **start.options}
        self._client.log_batch(self._id, params=[Param(name, str(value)) for name, value in options.items()])

    def on_epoch(self, end: EpochEnd) -> bool:
        from mlflow.entities import Metric

        now = int(1000 * time.time())
        found = [Metric(name, value, now, end.epoch + 1) for name, value in numbers_of(end).items()]
        self._client.log_batch(self._id, metrics=found)
        return False

    def on_end(self, *, well: bool) -> None:
        self._client.set_terminated(self._id, "FINISHED" if well else "FAILED")

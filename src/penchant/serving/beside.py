"""The version beside the one in charge, and the experiment that it is there for. For one thread at a time, but for reading."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from penchant.records.errors import ConflictError
from penchant.serving.events.log import Logged
from penchant.serving.kept import keep, kept
from penchant.serving.live import Live
from penchant.serving.traffic import CHALLENGER, Experiment, agreement, report
from penchant.stages.model import Model

FILE = "experiment.json"
MOST_LISTS = 10_000
"""The newest, of those that a shadow is compared by."""


class Beside:
    """folder: where the experiment is kept, None: nowhere. `live`, `experiment`: None while nothing is compared."""

    def __init__(self, folder: Path | None) -> None:
        self._path = None if folder is None else folder / FILE
        self._overlaps: deque[float] = deque(maxlen=MOST_LISTS)
        self.live: Live | None = None
        self.experiment: Experiment | None = None

    @property
    def saved(self) -> Experiment | None:
        """The one that was running when the server stopped. Raises: ArtifactError if its file is damaged."""
        return Experiment(**kept(self._path)) if self._path is not None and self._path.exists() else None

    def check_free(self) -> None:
        """Raises: ConflictError while something is compared."""
        if self.experiment is not None:
            raise ConflictError(f"The experiment {self.experiment.name!r} is running. End it first.")

    def start(self, experiment: Experiment, live: Live) -> None:
        """From now on, and after a crash."""
        if self._path is not None:
            keep(self._path, asdict(experiment))
        self.live, self.experiment = live, experiment
        self._overlaps.clear()

    def stop(self) -> None:
        """Nothing is compared any more."""
        self.experiment, self.live = None, None
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def live_for(self, person: str | None) -> Live | None:
        """The challenger, for those whom it answers."""
        challenged = self.experiment is not None and self.experiment.arm(person) == CHALLENGER
        return self.live if challenged else None

    def compare(self, given: Sequence[str], ask: Callable[[Model], list[dict[str, Any]]]) -> None:
        """Asks the shadow what it would have answered, and notes how much of the list is the same."""
        if self.live is not None and given:
            theirs = {row["item_id"] for row in ask(self.live.model)}
            self._overlaps.append(len(theirs & set(given)) / len(given))

    def results(self, log: Callable[[int], Iterable[Logged]], scale: tuple[float, float]) -> dict[str, Any] | None:
        """What came of it until now, None without an experiment. log: what came after a sequence."""
        if (experiment := self.experiment) is None:
            return None
        found = report(experiment, log(experiment.since), scale)
        return {**found, "agreement": agreement(list(self._overlaps))}

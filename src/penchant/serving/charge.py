"""Which version of a run answers whom: the one in charge and the one beside it, how another takes its place, and what of the log
each of them knows. It reads the log and writes nothing into it; what happens to a tenant is asked in `workspace`.
"""

import logging
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

from penchant.records.errors import ArtifactError, ConfigError, PenchantError, suggestion
from penchant.serving.beside import Beside
from penchant.serving.events.log import EventLog, Logged
from penchant.serving.forgotten import Forgotten
from penchant.serving.live import Live
from penchant.serving.traffic import Experiment
from penchant.serving.versions import Version, Versions
from penchant.stages.assemble import load
from penchant.stages.model import Model

LIVE = "live"
"""What belongs to the server alone, below the run: not `state/`, which is replaced as a whole when a model is saved."""
LOG = logging.getLogger("penchant.serving")


class Charge:
    """One request at a time reaches a model. The arguments are those of `Workspace`; `log` holds what the tenant's people did."""

    def __init__(self, model: Model, folder: Path | None, log: EventLog, tenant: str, version: Version) -> None:
        self.folder = folder
        self.tenant = tenant
        self.log = log
        self.versions = None if folder is None else Versions(folder)
        self.forgotten = None if folder is None else Forgotten(folder / LIVE)
        self._lock, self._swapping = threading.Lock(), threading.Lock()
        self._live = self._started(model, version)
        self._beside = Beside(None if folder is None else folder / LIVE)
        self.log.counted(self._reached(version))
        self._resume()
        self._catch_up()

    @property
    def version(self) -> int:
        """The number of the version in charge."""
        return self._live.number

    @contextmanager
    def model(self, person: str | None = None) -> Iterator[Model]:
        """The model that answers a person, for as long as nobody else asks it."""
        with self._lock:
            yield (self._beside.live_for(person) or self._live).model

    @contextmanager
    def models(self, people: Sequence[str]) -> Iterator[list[tuple[Model, list[str]]]]:
        """The models that answer several people, each with those whom it answers, for as long as nobody else asks."""
        with self._lock:
            answering: dict[Live, list[str]] = {}
            for person in people:
                answering.setdefault(self._beside.live_for(person) or self._live, []).append(person)
            yield [(live.model, some) for live, some in answering.items()]

    @property
    def experiment(self) -> Experiment | None:
        """The one that is running."""
        return self._beside.experiment

    def begin(self, name: str, kind: Literal["ab", "shadow"], challenger: int, share: float) -> Experiment:
        """Another version beside the one in charge, for a share of the people or in the shadow.

        Raises: ConflictError while there is an experiment; and as `activate` does.
        """
        with self._swapping:
            self._beside.check_free()
            if challenger == self.version:
                raise ConfigError(f"Version {challenger} is in charge already. Compare it with another one.")
            found = Experiment(
                name=name,
                kind=kind,
                control=self.version,
                challenger=challenger,
                share=share if kind == "ab" else 0.0,
                salt=secrets.token_hex(16),
                since=self.log.last(self.tenant),
            )
            self._challenge(found)
        return found

    def end(self) -> None:
        """The version in charge answers everybody again. What was logged stays in the log."""
        with self._swapping, self._lock:
            self._beside.stop()

    @property
    def has_shadow(self) -> bool:
        """Whether lists are to be compared."""
        return self.experiment is not None and self.experiment.kind == "shadow"

    def compare(self, given: Sequence[str], ask: Callable[[Model], list[dict[str, Any]]]) -> None:
        """Asks the shadow what it would have answered, and notes how much of the list is the same; what it cannot answer counts
        for nothing."""
        with self._lock, suppress(PenchantError):
            self._beside.compare(given, ask)

    @property
    def results(self) -> dict[str, Any] | None:
        """What came of the experiment until now, None without one."""
        scale = self._live.model.recommender.network.scale
        return self._beside.results(self.logged, scale)

    @property
    def known_versions(self) -> list[Version]:
        """Oldest first; a model that was handed over is the one that there is."""
        with self.model() as model:
            given = Version(number=self.version, created_at=model.about["created_at"], origin="given")
        return [given] if self.versions is None else self.versions.all() or [given]

    def served(self, model: Model | None = None) -> dict[str, Any]:
        """What every answer says of the model that gave it (`answers.Served`), default the one in charge."""
        model = model or self._live.model
        beside = self._beside.live
        live = beside if beside is not None and beside.model is model else self._live
        return {"model": model.about["created_at"], "version": live.number}

    def activate(self, number: int) -> None:
        """Puts a version in charge. It is loaded and brought up to date while the other one answers, so no request waits for it.

        Raises: ArtifactError if it is damaged, ConfigError for a server without a run or a version that there is not.
        """
        with self._swapping:
            self._beside.check_free()
            live = self.ready(number)
            with self._lock:
                live.apply(self.logged(live.applied))
                self._known_versions().activate(number)
                self._live = live

    def ready(self, number: int) -> Live:
        """A version, with what the log holds by now; it answers nobody yet. Raises: as `activate` does."""
        versions = self._known_versions()
        if versions.find(number) is None:
            known = [str(version.number) for version in versions.all()]
            raise ConfigError(f"There is no version {number}. {suggestion(str(number), known)}")
        live = self._started(*versions.load(number, loaded))
        live.apply(self.logged(live.applied))
        return live

    def logged(self, after: int = 0) -> Iterator[Logged]:
        """The log after a sequence, without who was forgotten later on."""
        rows = self.log.read(self.tenant, after)
        return rows if self.forgotten is None else self.forgotten.passed(rows)

    def _started(self, model: Model, version: Version) -> Live:
        """A model that knows what its version knew, without who was forgotten since."""
        if self.forgotten is not None:
            model.events = self.forgotten.left(model.events, version.log_sequence)
        model.added.remove(version.hidden)
        return Live(model, version.log_sequence, version.number)

    def _reached(self, version: Version) -> int:
        """How far some log had come. A new one, or one from a backup, may not give these numbers again: they would pass for
        known."""
        versions = [version] if self.versions is None else self.versions.all()
        forgotten = 0 if self.forgotten is None else self.forgotten.newest
        return max(forgotten, *(each.log_sequence for each in (version, *versions)))

    def _known_versions(self) -> Versions:
        if self.versions is None:
            raise ConfigError("This server has a model and no run, so there are no versions. Serve a run folder.")
        return self.versions

    def _catch_up(self, through: int | None = None) -> None:
        """Applies what the model does not know yet; nothing if it knows the log through that sequence."""
        with self._lock:
            for live in self._all:
                if through is None or live.applied < through:
                    live.apply(self.logged(live.applied))

    @property
    def _all(self) -> list[Live]:
        return [live for live in (self._live, self._beside.live) if live is not None]

    def _challenge(self, experiment: Experiment) -> None:
        live = self.ready(experiment.challenger)
        with self._lock:
            live.apply(self.logged(live.applied))
            self._beside.start(experiment, live)

    def _resume(self) -> None:
        """An experiment that was running goes on, unless another version is in charge now, or the challenger is damaged."""
        try:
            found = self._beside.saved
            if found is not None and found.control == self.version:
                self._challenge(found)
        except (ArtifactError, ConfigError) as error:
            LOG.error("the experiment does not go on: %s", error)


def loaded(path: Path) -> Model:
    """A version, as a server wants it."""
    return load(path, frame="records")

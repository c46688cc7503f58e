"""What one tenant's requests reach: the models that answer, and the log of what happened. Who is asking is settled before.

An event is asked whether it may be (422), committed to the log, applied to the model in the order of the log, and only then
acknowledged: what was acknowledged is in the next answer, and there after a crash.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import TimeoutError as TooSlow
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request

from penchant.records.errors import StoreUnavailableError
from penchant.serving.charge import LIVE, Charge, loaded
from penchant.serving.events.log import EventLog
from penchant.serving.events.open import open_log
from penchant.serving.incoming import check_events
from penchant.serving.live import gone_event, item_event
from penchant.serving.retraining import Retraining
from penchant.serving.versions import Version, Versions
from penchant.stages.model import Model

__all__ = ["ALONE", "LIVE", "Current", "Workspace"]
ALONE = "default"
"""The tenant of a server without keys."""
UNNUMBERED = Version(number=1, created_at="", origin="given")
"""Of a model that was handed over."""
COMMIT_SECONDS = 10.0
"""So long a request waits for its commit."""


class Workspace(Charge):
    """One tenant's models and log.

    folder: the run that it came from, if it came from one. log: default one in a folder that goes with the process. version: what
    the model is of the run, so that what came later in the log is applied now.
    """

    def __init__(
        self,
        model: Model,
        folder: Path | None = None,
        *,
        log: EventLog | None = None,
        tenant: str = ALONE,
        version: Version = UNNUMBERED,
    ) -> None:
        self._passing = ExitStack()
        log = log or open_log(self._passing.enter_context(TemporaryDirectory(prefix="penchant-")))
        super().__init__(model, folder, log, tenant, version)
        self.retraining = Retraining(self)

    @classmethod
    def open(cls, run: Path, log: EventLog, tenant: str = ALONE) -> "Workspace":
        """The version of a run that is in charge, or else the one before; what `penchant train` left is in charge if it is new.

        Raises: ArtifactError if nothing can be served.
        """
        versions = Versions(run)
        versions.sweep()
        versions.adopt()
        model, version = versions.open(loaded)
        return cls(model, run, log=log, tenant=tenant, version=version)

    def add(self, events: Sequence[Mapping[str, Any]], keys: Sequence[str | None]) -> list[int]:
        """The sequences of events that are kept from now on, and known to the model.

        keys: idempotency keys; what was sent with one before is neither kept nor applied again.
        Raises: DataError for what may not enter; QueueFullError, ConflictError and StoreUnavailableError as the log does.
        """
        check_events(self._live.model, events, self._live.newest)
        return self._keep(events, keys)

    def put_items(self, items: Sequence[Mapping[str, Any]]) -> list[int]:
        """Adds items, or replaces what was told of them; from now on they are recommended, by what they say.

        Raises: DataError for what cannot be an item; and as `add` does.
        """
        self._live.model.added.check(items)
        return self._keep([item_event(item) for item in items], [None] * len(items))

    def remove_item(self, item_id: str) -> bool:
        """Recommends it no more. False for an item that there is not."""
        with self.model() as model:
            known = model.item(item_id) is not None
        if known:
            self._keep([gone_event(item_id)], [None])
        return known

    def forget(self, user_id: str) -> int:
        """Makes somebody a stranger, in the log, in the model, and for whatever is read from files later; how many rows of the
        log are erased."""
        with self._swapping:
            begun = self.log.counted()
            if self.forgotten is not None:
                self.forgotten.add(user_id, begun + 1)
            try:
                return self.log.erase(self.tenant, user_id)
            finally:  # also where rows are gone and traces of them are left
                with self._lock:
                    since = list(self.log.read(self.tenant, begun))  # what came in after the erasing, and stays
                    for live in self._all:
                        live.forget(user_id, since)

    def close(self) -> None:
        """Commits what is queued, and lets go of the log."""
        self.retraining.stop()
        self.log.close()
        self._passing.close()

    def _keep(self, events: Sequence[Mapping[str, Any]], keys: Sequence[str | None]) -> list[int]:
        """Into the log, then into the model."""
        sequences = self._commit(events, keys)
        with suppress(StoreUnavailableError):  # they are kept; the next event brings them to the model
            self._catch_up(max(sequences, default=0))
        return sequences

    def _commit(self, events: Sequence[Mapping[str, Any]], keys: Sequence[str | None]) -> list[int]:
        """Into the log alone."""
        try:
            return self.log.append(self.tenant, events, keys).result(COMMIT_SECONDS)
        except TooSlow:
            raise StoreUnavailableError(
                f"The event log took more than {COMMIT_SECONDS:g} seconds, so it is open whether these events were kept. "
                "Send them again with the same keys."
            ) from None


async def _of_request(request: Request) -> Workspace:
    """Where it stands, without a change of threads."""
    found: Workspace | None = request.app.state.workspaces.get(request.scope.get("tenant", ALONE))
    if found is None:
        raise HTTPException(403, "The server has no workspace for the tenant of this key.")
    return found


Current = Annotated[Workspace, Depends(_of_request)]
"""The workspace of whoever asks."""

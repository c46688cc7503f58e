"""What one tenant's requests reach: the model that answers now, and the log of what happened. Who is asking is settled before.

An event is asked whether it may be (422), committed to the log, applied to the model in the order of the log, and only then
acknowledged: what was acknowledged is in the next answer, and there after a crash.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import TimeoutError as TooSlow
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request

from penchant.records.errors import StoreUnavailableError
from penchant.serving.events.log import EventLog
from penchant.serving.events.open import open_log
from penchant.serving.forgotten import Forgotten
from penchant.serving.incoming import check_events
from penchant.serving.live import Live, gone_event, item_event
from penchant.stages.model import Model

ALONE = "default"
"""The tenant of a server without keys."""
LIVE = "live"
"""What belongs to the server alone, below the run: not `state/`, which is replaced as a whole when a model is saved."""
COMMIT_SECONDS = 10.0
"""So long a request waits for its commit."""


class Workspace:
    """One tenant's model and log. One request at a time reaches the model.

    folder: the run that it came from, if it came from one. log: default one in a folder that goes with the process. applied: the
    sequence up to which the model knows the log; what came later is applied now.
    """

    def __init__(
        self,
        model: Model,
        folder: Path | None = None,
        *,
        log: EventLog | None = None,
        tenant: str = ALONE,
        applied: int = 0,
    ) -> None:
        self.folder = folder
        self.tenant = tenant
        self._passing = ExitStack()
        self.log = log or open_log(self._passing.enter_context(TemporaryDirectory(prefix="penchant-")))
        self.forgotten = None if folder is None else Forgotten(folder / LIVE)
        if self.forgotten is not None:
            model.events = self.forgotten.left(model.events)
        self._live = Live(model, applied)
        self._lock = threading.Lock()
        self._catch_up()

    @contextmanager
    def model(self) -> Iterator[Model]:
        """The model, for as long as nobody else asks it."""
        with self._lock:
            yield self._live.model

    @property
    def version(self) -> int:
        """The number of the model among the versions."""
        return self._live.number

    def served(self, model: Model) -> dict[str, Any]:
        """What every answer says of the model that gave it (`answers.Served`)."""
        return {"model": model.about["created_at"], "version": self.version}

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
        if self.forgotten is not None:
            self.forgotten.add(user_id)
        num_erased = self.log.erase(self.tenant, user_id)
        with self._lock:
            self._live.model.forget(user_id)
        return num_erased

    def _keep(self, events: Sequence[Mapping[str, Any]], keys: Sequence[str | None]) -> list[int]:
        """Into the log, then into the model."""
        sequences = self._commit(events, keys)
        with suppress(
            StoreUnavailableError
        ):  # they are kept; the next event or the next start brings them to the model
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

    def close(self) -> None:
        """Commits what is queued, and lets go of the log."""
        self.log.close()
        self._passing.close()

    def _catch_up(self, through: int | None = None) -> None:
        """Applies what the model does not know yet; nothing if it knows the log through that sequence."""
        with self._lock:
            if through is None or self._live.applied < through:
                self._live.apply(self.log.read(self.tenant, self._live.applied))


def _of_request(request: Request) -> Workspace:
    found: Workspace | None = request.app.state.workspaces.get(request.scope.get("tenant", ALONE))
    if found is None:
        raise HTTPException(403, "The server has no workspace for the tenant of this key.")
    return found


Current = Annotated[Workspace, Depends(_of_request)]
"""The workspace of whoever asks."""

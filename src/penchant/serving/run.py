"""`penchant serve`: one process, with each run's event log beside its model, behind the layers of access."""

import signal
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from penchant.records.errors import MissingExtraError

if TYPE_CHECKING:
    from penchant.serving.access.limits import Limits

ANYWHERE = {"0.0.0.0", "::"}  # noqa: S104  listening there gives the server no name
GRACE = 8
"""Seconds for requests that were accepted before the server was told to stop."""


def serve(
    path: str | Path,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    events: str | None = None,
    tenants: Mapping[str, Path] | None = None,
    allow_hosts: Iterable[str] = (),
    insecure: bool = False,
    limits: "Limits | None" = None,
    retrain_every: float | None = None,
    opened: Callable[[], None] = lambda: None,
) -> None:
    """Serves the model in `path` until it is stopped; then every accepted request is answered, and what is queued committed.

    events: where the log is, a folder or the URL of a PostgreSQL database; default RUN/live. tenants: runs of others than the
    tenant `default`, by name. allow_hosts: names besides loopback that requests may call the server by.
    retrain_every: hours between trainings on what happened since. opened: called once model, log and keys are found in order.
    Raises: ConfigError for an address that others can reach, without a key or `insecure`. LockedError if another process serves
    the run. MissingExtraError without FastAPI.
    """
    try:
        import torch
        import uvicorn
        from threadpoolctl import threadpool_limits

        from penchant.serving.access.limits import Limits
        from penchant.serving.access.protect import check_address, protect
        from penchant.serving.access.slow import patient
        from penchant.serving.api import create_app
        from penchant.serving.logs import log_as_json
        from penchant.serving.observed import observed
        from penchant.serving.tenants import open_workspaces
    except ImportError as error:
        raise MissingExtraError.of(error.name or "fastapi", "serve") from error
    log_as_json()
    # Requests are small: threads that wait for each other cost more than they bring (a stranger 17 CPU ms instead of 7).
    torch.set_num_threads(1)
    threadpool_limits(1)
    check_address(path, host, insecure=insecure)
    limits = limits or Limits()
    with open_workspaces(Path(path), tenants, events) as workspaces:
        app = create_app(workspaces)
        layers = protect(app, path, limits=limits, allow_hosts={*allow_hosts, host} - ANYWHERE, insecure=insecure)
        for space in workspaces.values() if retrain_every else ():
            space.retraining.every(3600 * (retrain_every or 0))
        signal.signal(signal.SIGTERM, _stopped)
        opened()
        uvicorn.run(
            observed(layers, app),
            host=host,
            port=port,
            http=patient(limits),
            ws="none",
            h11_max_incomplete_event_size=limits.head_bytes,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )


def _stopped(_signal: int, _frame: object) -> None:
    """uvicorn raises the signal again after it has stopped well; what is left to do is to close the log, and exit 0."""

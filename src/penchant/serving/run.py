"""`penchant serve`: one process on the loopback address, with the run's event log beside its model."""

import signal
from pathlib import Path

from penchant.records.errors import ConfigError, MissingExtraError

LOOPBACK = ("127.0.0.1", "localhost", "::1")
GRACE = 8
"""Seconds for requests that were accepted before the server was told to stop."""


def serve(path: str | Path, host: str = "127.0.0.1", port: int = 8000, *, events: str | None = None) -> None:
    """Serves the model in `path` until it is stopped; then every accepted request is answered, and what is queued committed.

    events: where the log is, a folder or the URL of a PostgreSQL database; default RUN/live.
    Raises: ConfigError for an address that others can reach: there are no keys yet. LockedError if another process serves the
    run. MissingExtraError without FastAPI.
    """
    if host not in LOOPBACK:
        raise ConfigError(f"The server has no keys yet, so it listens on {', '.join(LOOPBACK)} only, found {host!r}.")
    try:
        import uvicorn

        from penchant.serving.api import create_app
        from penchant.serving.events.open import open_log
        from penchant.serving.workspace import ALONE, LIVE, Workspace
    except ImportError as error:
        raise MissingExtraError.of(error.name or "fastapi", "serve") from error
    workspace = Workspace.open(Path(path), open_log(events or Path(path) / LIVE))
    signal.signal(signal.SIGTERM, _stopped)
    try:
        uvicorn.run(
            create_app({ALONE: workspace}),
            host=host,
            port=port,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )
    finally:
        workspace.close()


def _stopped(_signal: int, _frame: object) -> None:
    """uvicorn raises the signal again after it has stopped well; what is left to do is to close the log, and exit 0."""

"""`penchant serve`: one process on the loopback address."""

from pathlib import Path

from penchant.records.errors import ConfigError, MissingExtraError
from penchant.stages.assemble import load

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def serve(path: str | Path, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serves the model in `path` until it is stopped.

    Raises: ConfigError for an address that others can reach: there are no keys yet. MissingExtraError without FastAPI.
    """
    if host not in LOOPBACK:
        raise ConfigError(f"The server has no keys yet, so it listens on {', '.join(LOOPBACK)} only, found {host!r}.")
    try:
        import uvicorn

        from penchant.serving.api import create_app
        from penchant.serving.workspace import ALONE, Workspace
    except ImportError as error:
        raise MissingExtraError.of(error.name or "fastapi", "serve") from error
    workspace = Workspace(load(path, frame="records"), Path(path))
    uvicorn.run(create_app({ALONE: workspace}), host=host, port=port, log_level="warning", server_header=False)

"""From a saved model to a process that answers."""

import ipaddress
from pathlib import Path
from typing import TYPE_CHECKING

from penchant.records.errors import ConfigError, MissingExtraError

if TYPE_CHECKING:
    import uvicorn

    from penchant.serving.state import Servable


def serve(path: str | Path, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Answers for the model saved at `path` until interrupted. `port` 0 takes any free one.

    Raises:
        ConfigError: the address can be reached from other machines, or the port is none.
        MissingExtraError: the libraries of the extra `serve` are not installed.
        ArtifactError: there is no sound model at `path`.
    """
    check_address(host, port)
    from penchant.stages.assemble import load

    make_server(load(path, frame="records"), host, port).run()


def make_server(model: "Servable", host: str = "127.0.0.1", port: int = 8000) -> "uvicorn.Server":
    """A server for `model` that is ready to `run()`."""
    check_address(host, port)
    try:
        import uvicorn

        from penchant.serving.api import create_app
    except ModuleNotFoundError as error:
        raise MissingExtraError.of(error.name or "fastapi", "serve") from error
    config = uvicorn.Config(
        create_app(model),
        host=host,
        port=port,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=10,
    )
    return uvicorn.Server(config)


def check_address(host: str, port: int) -> None:
    """Refuses an address beyond this machine, as long as there are no keys to ask visitors for; and a port that is none.

    >>> check_address("::1", 8000)
    >>> check_address("0.0.0.0", 8000)
    Traceback (most recent call last):
    penchant.records.errors.ConfigError: The server listens to this machine only, not on '0.0.0.0'. Use --host 127.0.0.1.
    """
    if not _is_loopback(host):
        raise ConfigError(f"The server listens to this machine only, not on {host!r}. Use --host 127.0.0.1.")
    if not 0 <= port <= 65_535:
        raise ConfigError(f"A port is a number from 0 to 65535, not {port}. Use --port 8000.")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

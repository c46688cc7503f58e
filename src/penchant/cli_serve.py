"""`penchant serve`: a run over HTTP, with a page."""

from pathlib import Path
from typing import Annotated

import typer

from penchant.cli_options import Run


def serve(
    run: Run,
    host: Annotated[
        str, typer.Option(help="The address to listen on; another than loopback needs a key (penchant keys).")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port.")] = 8000,
    events: Annotated[
        str | None, typer.Option(help="Where the event log is: a folder or a PostgreSQL URL; default: RUN/live.")
    ] = None,
    tenant: Annotated[
        list[str] | None, typer.Option(help="name=RUN of another tenant, with keys of its own; repeatable.")
    ] = None,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="A name that requests may call the server by, repeatable.")
    ] = None,
    limit: Annotated[list[str] | None, typer.Option(help="name=number, repeatable: the limits of SECURITY.md.")] = None,
    retrain_every: Annotated[
        float | None, typer.Option(min=0.001, help="Hours between trainings on what happened since; default: never.")
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Listen without a key where others can reach it: they may do everything.")
    ] = False,
) -> None:
    """Serve RUN over HTTP, with a page."""
    from penchant.serving.access.limits import Limits
    from penchant.serving.run import serve as run_server

    limits, tenants = Limits.of(limit or []), parse_tenants(tenant)
    if insecure:
        typer.secho(f"warning: whoever reaches {host}:{port} may read and change everything.", fg="red", err=True)
    if host in ("0.0.0.0", "::") and not allow_host:  # noqa: S104
        typer.echo("No --allow-host: requests have to call the server by a loopback name.", err=True)
    run_server(
        run,
        host,
        port,
        events=events,
        tenants=tenants,
        allow_hosts=allow_host or (),
        insecure=insecure,
        limits=limits,
        retrain_every=retrain_every,
        opened=lambda: typer.echo(f"http://{host}:{port}  (stop with Ctrl-C)", err=True),
    )


def parse_tenants(pairs: list[str] | None) -> dict[str, Path]:
    """Runs by tenant.

    >>> parse_tenants(["shop=runs/shop"]), parse_tenants(None)
    ({'shop': PosixPath('runs/shop')}, {})
    """
    found: dict[str, Path] = {}
    for pair in pairs or []:
        name, _, run = pair.partition("=")
        if not (name and run) or name in found:
            raise typer.BadParameter(f"--tenant takes name=RUN, each name once, found {pair!r}.")
        found[name] = Path(run)
    return found

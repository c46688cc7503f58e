"""The verb `penchant retrain`: what the server does on command, without a server."""

import json
from typing import Annotated

import typer

from penchant.cli_options import Json, Run


def retrain(
    run: Run,
    events: Annotated[
        str | None, typer.Option(help="Where the event log is: a folder or a PostgreSQL URL; default: RUN/live.")
    ] = None,
    tenant: Annotated[str, typer.Option(help="Whose run it is, as the server was told.")] = "default",
    as_json: Json = False,
) -> None:
    """Learn anew from RUN/data and the event log of its server; what is not worse becomes the version in charge.

    Exit code 1 if it is refused. While a server runs, ask the server: POST /v1/models/retrain.
    """
    from penchant.serving.tenants import open_workspace

    with open_workspace(run, tenant, events) as space:
        verdict = space.retraining.run()
    lines = (f"{name}: {value}" for name, value in verdict.items())
    typer.echo(json.dumps(verdict, ensure_ascii=False) if as_json else "\n".join(lines))
    if not verdict["accepted"]:
        raise typer.Exit(1)

"""The verb `penchant retrain`: what the server does on command, without a server."""

import json

import typer

from penchant.cli_options import Json, Run


def retrain(run: Run, as_json: Json = False) -> None:
    """Learn anew from RUN/data and the event log of its server; what is not worse becomes the version in charge.

    Exit code 1 if it is refused. While a server runs, ask the server: POST /v1/models/retrain.
    """
    from penchant.serving.events.open import open_log
    from penchant.serving.workspace import LIVE, Workspace

    space = Workspace.open(run, open_log(run / LIVE))
    try:
        verdict = space.retraining.run()
    finally:
        space.close()
    lines = (f"{name}: {value}" for name, value in verdict.items())
    typer.echo(json.dumps(verdict, ensure_ascii=False) if as_json else "\n".join(lines))
    if not verdict["accepted"]:
        raise typer.Exit(1)

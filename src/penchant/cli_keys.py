"""`penchant keys`: who may ask the server of a run, and for what. `penchant audit-log`: what was done with it."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from penchant.cli_options import Json, Run

keys = typer.Typer(no_args_is_help=True, help="Keys of the server: create, list, revoke.")
audit_log = typer.Typer(no_args_is_help=True, help="The server's audit log.")
DAY = 86_400


@keys.command()
def create(
    run: Run,
    scope: Annotated[str, typer.Option(help="read, write or admin; each includes those before it.")] = "read",
    tenant: Annotated[str, typer.Option(help="Whose data it is good for.")] = "default",
    days: Annotated[int | None, typer.Option(min=1, help="How long it holds; default: until it is revoked.")] = None,
) -> None:
    """Make a key and print it, this once; only its hash is kept. A server that runs knows it at once."""
    from penchant.serving.access.audit import AuditLog
    from penchant.serving.access.keys import Keys, Scope

    key, record = Keys(_a_run(run)).create(Scope.of(scope), tenant=tenant, seconds=None if days is None else days * DAY)
    AuditLog(run).write("command line", "keys create", "made", {"key_id": record.key_id})
    typer.echo(key)
    typer.echo(f"Its id is {record.key_id}. The key isn't shown again: put it where secrets are kept.", err=True)


@keys.command("list")
def list_keys(run: Run, as_json: Json = False) -> None:
    """Show the keys of a run, but for the keys themselves."""
    from penchant.serving.access.keys import Key, Keys

    def told(key: Key) -> dict[str, Any]:
        row = {name: value for name, value in asdict(key).items() if name != "digest"}
        return {**row, "scope": key.scope.name.lower()}

    rows = [told(key) for key in Keys(_a_run(run)).all()]
    if as_json:
        typer.echo(json.dumps(rows))
        return
    for row in rows:
        ends = f"revoked {_day(row['revoked_at'])}" if row["revoked_at"] else f"until {_day(row['expires_at'])}"
        typer.echo(f"{row['key_id']}  {row['scope']:<5}  {row['tenant']:<16}  from {_day(row['created_at'])}  {ends}")


@keys.command()
def revoke(run: Run, key_id: Annotated[str, typer.Argument(help="The id that `keys list` shows.")]) -> None:
    """Refuse a key from now on. A server that runs does so at once."""
    from penchant.serving.access.audit import AuditLog
    from penchant.serving.access.keys import Keys

    record = Keys(_a_run(run)).revoke(key_id)
    AuditLog(run).write("command line", "keys revoke", "revoked", {"key_id": record.key_id})
    typer.echo(f"{record.key_id} is revoked.", err=True)


@audit_log.command()
def verify(
    run: Run,
    expect: Annotated[str | None, typer.Option(help="A hash that this verb printed before: it is still there.")] = None,
    as_json: Json = False,
) -> None:
    """Check that no line was changed, moved or taken out; name the first that was. Exit code 1 if one was."""
    from penchant.serving.access.audit import AuditLog

    found = AuditLog(_a_run(run)).verify(expect)
    if as_json:
        typer.echo(json.dumps(asdict(found)))
    elif found.broken is None:
        typer.echo(f"{found.num_lines} lines hold. The last hash is {found.last}")
    else:
        typer.echo(f"Line {found.broken} is broken: {found.reason}. {found.num_lines} lines before it hold.")
    raise typer.Exit(0 if found.broken is None else 1)


def _a_run(run: Path) -> Path:
    """The folder of a run that is there: a mistyped name must not become a new folder with a key in it."""
    from penchant.records.errors import ConfigError

    if not (run / "model").is_dir():
        raise ConfigError(
            f"{run} holds no model, so there is nothing to let anybody in to. Name a run that was trained."
        )
    return run


def _day(seconds: int | None) -> str:
    return "revoked" if seconds is None else datetime.fromtimestamp(seconds, UTC).date().isoformat()

"""`penchant events`: the log of a run's server, in a file and back. `restore` alone needs the server to be stopped."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from penchant.cli_options import Run

events = typer.Typer(no_args_is_help=True, help="The event log of a run's server: back up, restore, export.")
Where = Annotated[
    str | None,
    typer.Option(
        "--events", help="Where the log is: a folder, or the URL of a PostgreSQL database; default: RUN/live."
    ),
]
Out = Annotated[Path, typer.Argument(help="A new file.")]


@events.command()
def backup(run: Run, file: Out, where: Where = None) -> None:
    """Write the log into one file, every record checked. The server may go on writing meanwhile."""
    from penchant.serving.events.backup import write_backup
    from penchant.serving.events.open import open_snapshot

    with open_snapshot(where or run / "live") as tables:
        write_backup(tables, file)
        typer.echo(f"{file}: {tables.last()} events were logged until then, by {len(tables.heads())} tenants.")


@events.command()
def restore(
    run: Run, file: Annotated[Path, typer.Argument(help="A file that `backup` wrote.")], where: Where = None
) -> None:
    """Put a backup back, of either kind of log into either, into an empty place."""
    from penchant.serving.events import backup as of_log
    from penchant.serving.events.open import open_store

    with closing(open_store(where or run / "live")) as store:
        of_log.restore(file, store)
    has_model = (run / "model").exists() or (run / "versions").exists()
    typer.echo(f"Restored. Next: penchant {'serve' if has_model else 'train'} {run}")


@events.command()
def export(
    run: Run,
    file: Out,
    tenant: Annotated[str, typer.Option(help="Whose events.")] = "default",
    where: Where = None,
) -> None:
    """Write a tenant's events as JSON lines, for `penchant prepare` and other tools. The server may go on meanwhile."""
    from penchant.serving.events.export import export as write
    from penchant.serving.events.open import open_snapshot

    with open_snapshot(where or run / "live") as tables:
        typer.echo(f"{file}: {write(tables, tenant, file)} events.")

"""`penchant off-policy`: what a model's lists would have earned, from a log of lists that were drawn."""

import json
from typing import Annotated, Any

import typer

from penchant.cli_options import Columns, Json, Run, Seed, parse_columns


def off_policy(
    run: Run,
    log: Annotated[
        str | None, typer.Option(help="Events with impressions, positions and propensities; default: those of RUN.")
    ] = None,
    column: Columns = None,
    explore: Annotated[str, typer.Option(help="How the lists in question are drawn; default: not at all.")] = (
        "epsilon:share=0"
    ),
    k: Annotated[
        int | None, typer.Option(min=1, help="Places to look at; default: as many as most lists have.")
    ] = None,
    reward: Annotated[
        list[str] | None,
        typer.Option(help="Kinds of events that count, repeatable; default: all that speak for an item."),
    ] = None,
    clip: Annotated[
        float | None, typer.Option(help="Largest weight of clipped IPS; default: by the size of the log.")
    ] = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Estimate what the lists of a model would have earned, from what was shown by chance. Exit code 1 if the log cannot tell."""
    from penchant.data.read import read
    from penchant.stages.assemble import load
    from penchant.stages.off_policy import off_policy as run_off_policy

    events = None if log is None else read(log, columns=parse_columns(column) or None).events
    found = run_off_policy(load(run), events, explore=explore, k=k, kinds=tuple(reward or ()), clip=clip, seed=seed)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, allow_nan=False))
        return
    _print(f"first place, {found['num_lists']} lists", found["first"])
    if "total" in found:
        _print(f"whole list, {found['k']} places", found["total"])
    for note in [*found["notes"], *([f"whole list: {found['refused']}"] if "refused" in found else [])]:
        typer.echo(note, err=True)


def _print(title: str, rows: dict[str, Any]) -> None:
    typer.echo(f"{title:32} {'value':>8} {'[low,':>9} {'high]':>9} {'gain':>9} {'[low,':>9} {'high]':>9}")
    for name, row in rows.items():
        cells = (row["low"], row["high"], *row["gain"].values())
        typer.echo(f"  {name:30} {row['value']:8.4f} " + " ".join(f"{cell:9.4f}" for cell in cells))

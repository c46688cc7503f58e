"""`penchant doctor`: what will not work, and what to do about it, in colours."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from penchant.cli_options import Json


def doctor(
    run: Annotated[Path | None, typer.Argument(help="A run folder, if there is one.")] = None,
    events: Annotated[str | None, typer.Option(help="A table of events to look at.")] = None,
    items: Annotated[str | None, typer.Option(help="The items, likewise.")] = None,
    as_json: Json = False,
) -> None:
    """Check environment, assets, data and configuration, and say what to mend. Exit code 1 if something will not work."""
    from penchant.stages.doctor.examination import examine

    if items is not None and events is None:
        raise typer.BadParameter("--items are looked at together with --events.")
    findings = examine(run, events, items)
    if as_json:
        typer.echo(json.dumps([vars(finding) for finding in findings], ensure_ascii=False))
    else:
        _print_findings(findings)
    if any(finding.status == "bad" for finding in findings):
        raise typer.Exit(1)


def _print_findings(findings: Sequence[Any]) -> None:
    marks = {"ok": ("ok", "green"), "note": ("note", "yellow"), "bad": ("BAD", "red")}
    area = ""
    for finding in findings:
        if finding.area != area:
            area = finding.area
            typer.echo(f"\n{area}" if area != findings[0].area else area)
        mark, colour = marks[finding.status]
        typer.echo(f"  {typer.style(mark.ljust(5), fg=colour)}{finding.subject}: {finding.found}")
        if finding.remedy:
            typer.echo(f"       -> {finding.remedy}")

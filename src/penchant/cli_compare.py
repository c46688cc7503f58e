"""`penchant compare`: rows of ours and lists of other systems on one split."""

import json
from pathlib import Path
from typing import Annotated

import typer

from penchant.cli_options import (
    Encoder,
    Join,
    Json,
    Options,
    OptionsFile,
    Run,
    Script,
    Scrub,
    SizeOf,
    StopWords,
    Tasks,
    Words,
    parse_seeds,
    reading,
)

Out = Annotated[Path | None, typer.Option(help="Folder of the comparison; default: RUN/report/compare/PROTOCOL.")]
Reference = Annotated[
    str | None,
    typer.Option(help="What the others are held against; default: the simple row that is best on valid."),
]
Export = Annotated[Path | None, typer.Option(help="Only write the split there, for other systems to read and answer.")]


def compare(
    run: Run,
    rows: Annotated[
        str | None, typer.Option(help="Rows of ours with commas (docs/compare.md); default: all without a network.")
    ] = None,
    peers: Annotated[
        list[Path] | None, typer.Option(help="Top lists of another system: a file or a folder; repeatable.")
    ] = None,
    protocol: Annotated[str, typer.Option(help="global-time, leave-last-out, k-fold or column.")] = "global-time",
    seeds: Annotated[str, typer.Option(help="Of rows with a network, such as 0,1,2.")] = "0,1,2",
    out: Out = None,
    reference: Reference = None,
    export: Export = None,
    k: Annotated[int, typer.Option(min=1, help="Length of the lists.")] = 10,
    size: SizeOf = None,
    task: Tasks = None,
    set_: Options = None,
    config: OptionsFile = None,
    encoder: Encoder = "auto",
    scrub: Scrub = True,
    join: Join = "concat",
    script: Script = "keep",
    words: Words = None,
    stop_words: StopWords = None,
    allow_leaks: Annotated[
        bool, typer.Option("--allow-leaks", help="Go on although the split gives answers away; the report says so.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Put rows of ours and of other systems on one split of RUN/data; rows can be added to a comparison later."""
    from penchant.evaluation.compare_report import comparison_lines
    from penchant.stages.compare import compare as run_compare
    from penchant.stages.options import chosen_options

    if export is not None and (rows or peers or out or reference):
        raise typer.BadParameter("--export only writes the split; compare without it.")
    found = run_compare(
        run,
        out,
        rows=None if rows is None else [word.strip() for word in rows.split(",") if word.strip()],
        peers=peers or [],
        reference=reference,
        export=export,
        protocol=protocol,
        seeds=parse_seeds(seeds),
        k=k,
        allow_leaks=allow_leaks,
        **chosen_options(config, set_ or [], size=size, tasks=task),
        **reading(encoder, scrub, join, script, words, stop_words),
    )
    if export is not None:
        typer.echo(f"The split: {export}", err=True)
        return
    typer.echo(json.dumps(found, ensure_ascii=False) if as_json else "\n".join(comparison_lines(found)))
    typer.echo(f"\nReport: {(out or run / 'report' / 'compare' / protocol) / 'compare.html'}", err=True)

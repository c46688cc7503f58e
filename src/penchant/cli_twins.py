"""`penchant twins`: did learning the tasks together help each of them?"""

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
    Script,
    Scrub,
    SizeOf,
    StopWords,
    Tasks,
    Words,
    parse_seeds,
    reading,
)


def twins(
    run: Annotated[Path, typer.Argument(help="The run folder.")],
    seeds: Annotated[str, typer.Option(help="Seeds of the trainings, such as 0,1,2.")] = "0,1,2",
    protocol: Annotated[str, typer.Option(help="global-time, leave-last-out, k-fold or column.")] = "global-time",
    size: SizeOf = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="At most so many; default: what the size says.")] = None,
    k: Annotated[int, typer.Option(min=1, help="Length of the lists.")] = 10,
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
    """Learn the tasks of RUN/data together, and each alone at equal budget: which of them does it help, which does it hurt?"""
    from penchant.stages.options import chosen_options
    from penchant.stages.twins import twin_lines
    from penchant.stages.twins import twins as run_twins

    found = run_twins(
        run,
        seeds=parse_seeds(seeds),
        protocol=protocol,
        k=k,
        allow_leaks=allow_leaks,
        **chosen_options(config, set_ or [], size=size, tasks=task, epochs=epochs),
        **reading(encoder, scrub, join, script, words, stop_words),
    )
    typer.echo(json.dumps(found, ensure_ascii=False) if as_json else "\n".join(twin_lines(found)))
    typer.echo(f"\nReport: {run / 'report' / 'twins.html'}", err=True)

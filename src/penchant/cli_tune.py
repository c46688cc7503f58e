"""The verb `penchant tune`: parse, call, print."""

import json
from pathlib import Path
from typing import Annotated

import typer

from penchant.cli_options import Encoder, Join, Json, Script, Scrub, Seed, StopWords, Tasks, Words, reading


def tune(
    run: Annotated[Path, typer.Argument(help="The run folder.")],
    set_: Annotated[
        list[str],
        typer.Option("--set", help="option=low..high, option=one,other or option=value, repeatable: docs/training.md."),
    ],
    trials: Annotated[
        int, typer.Option(min=1, help="The study ends with so many, those of an earlier call among them.")
    ] = 20,
    study: Annotated[
        str | None,
        typer.Option(help="A database URL; default: SQLite in RUN/tune/study.db. Goes on with what is there."),
    ] = None,
    size: Annotated[str, typer.Option(help="tiny or small.")] = "small",
    seed: Seed = 0,
    task: Tasks = None,
    protocol: Annotated[
        str, typer.Option(help="As for evaluate: what it holds back as test is not looked at.")
    ] = "global-time",
    encoder: Encoder = "auto",
    scrub: Scrub = True,
    join: Join = "concat",
    script: Script = "keep",
    words: Words = None,
    stop_words: StopWords = None,
    as_json: Json = False,
) -> None:
    """Search for better options on the validation slice of RUN/data; writes RUN/tune/best.json for train --config."""
    from penchant.stages.tune import tune as run_tune
    from penchant.stages.tune import tune_lines

    read = reading(encoder, scrub, join, script, words, stop_words)
    found = run_tune(
        run, sets=set_, trials=trials, study=study, size=size, seed=seed, tasks=task, protocol=protocol, **read
    )
    typer.echo(json.dumps(found, ensure_ascii=False) if as_json else "\n".join(tune_lines(found)))

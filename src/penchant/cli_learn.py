"""Verbs that learn: `penchant train`, `evaluate`, `domains`."""

import json
import sys
from typing import Annotated, Any

import typer

from penchant.cli_options import (
    Blocks,
    Caps,
    Encoder,
    FineTune,
    Join,
    Json,
    Options,
    OptionsFile,
    Pins,
    Rerank,
    Run,
    Script,
    Scrub,
    Seed,
    SizeOf,
    StopWords,
    Tasks,
    Track,
    Words,
    parse_rules,
    reading,
)


def train(
    run: Run,
    size: SizeOf = None,
    seed: Seed = 0,
    epochs: Annotated[int | None, typer.Option(min=1, help="At most so many; default: what the size says.")] = None,
    task: Tasks = None,
    set_: Options = None,
    config: OptionsFile = None,
    fine_tune: FineTune = None,
    encoder: Encoder = "auto",
    scrub: Scrub = True,
    join: Join = "concat",
    script: Script = "keep",
    words: Words = None,
    stop_words: StopWords = None,
    track: Track = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a killed run stopped.")] = False,
    as_json: Json = False,
) -> None:
    """Learn from every event in RUN/data; writes RUN/model and RUN/state."""
    from penchant.stages.options import chosen_options
    from penchant.stages.train import train as run_train

    chosen = chosen_options(config, set_ or [], size=size, tasks=task, epochs=epochs, fine_tune=fine_tune)
    chosen |= reading(encoder, scrub, join, script, words, stop_words)
    about = run_train(run, seed=seed, resume=resume, track=track or [], **chosen)
    lines = (f"{name}: {value}" for name, value in about.items())
    typer.echo(json.dumps(about, ensure_ascii=False) if as_json else "\n".join(lines))


def evaluate(
    run: Run,
    protocol: Annotated[str, typer.Option(help="global-time, leave-last-out, k-fold or column.")] = "global-time",
    fold: Annotated[int, typer.Option(min=0, max=4, help="Which fifth of the people is asked, for k-fold.")] = 0,
    size: SizeOf = None,
    seed: Seed = 0,
    k: Annotated[int, typer.Option(min=1, help="Length of the lists.")] = 10,
    task: Tasks = None,
    set_: Options = None,
    config: OptionsFile = None,
    fine_tune: FineTune = None,
    encoder: Encoder = "auto",
    scrub: Scrub = True,
    join: Join = "concat",
    script: Script = "keep",
    words: Words = None,
    stop_words: StopWords = None,
    allow_leaks: Annotated[
        bool, typer.Option("--allow-leaks", help="Go on although the split gives answers away; the report says so.")
    ] = False,
    rerank: Rerank = None,
    cap: Caps = None,
    pin: Pins = None,
    block: Blocks = None,
    track: Track = None,
    as_json: Json = False,
) -> None:
    """Train anew on the past of RUN/data, score on its future, beside strong simple rows."""
    from penchant.stages.options import chosen_options
    from penchant.stages.train import evaluate as run_evaluate

    metrics = run_evaluate(
        run,
        protocol=protocol,
        seed=seed,
        k=k,
        fold=fold,
        allow_leaks=allow_leaks,
        track=track or [],
        rerank=rerank or (),
        rules=parse_rules(cap, pin, block),
        **chosen_options(config, set_ or [], size=size, tasks=task, fine_tune=fine_tune),
        **reading(encoder, scrub, join, script, words, stop_words),
    )
    print_metrics(metrics, as_json)


def domains(
    run: Run,
    size: SizeOf = None,
    seeds: Annotated[int, typer.Option(min=1, help="How many; three show what chance does.")] = 3,
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
    as_json: Json = False,
) -> None:
    """Say whether the domains of RUN/data, such as books and films, are worth learning together: against each alone."""
    from penchant.stages.compare_domains import compare_domains, comparison_lines
    from penchant.stages.options import chosen_options

    found = compare_domains(
        run,
        seeds=seeds,
        k=k,
        **chosen_options(config, set_ or [], size=size, tasks=task, epochs=epochs),
        **reading(encoder, scrub, join, script, words, stop_words),
    )
    typer.echo(json.dumps(found, ensure_ascii=False) if as_json else "\n".join(comparison_lines(found)))


def print_metrics(metrics: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(metrics, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table

    from penchant.evaluation.report import summary_rows

    k = metrics["protocol"]["k"]
    table = Table("row", f"NDCG@{k} (95% interval)", f"Recall@{k}", f"MRR@{k}", title=metrics["protocol"]["name"])
    for row in summary_rows(metrics):
        table.add_row(*row)
    console = Console(width=None if sys.stdout.isatty() else 100)
    console.print(table)
    if metrics["lists"]:
        console.print(_lists_table(metrics["lists"]))
    for row in metrics["tasks"]:
        name = f"{row['task']} {row['metric']} ({row['row']})"
        typer.echo(f"{name:<36} {row['value']:.4f} [{row['low']:.4f}, {row['high']:.4f}]")


def _lists_table(records: list[dict[str, Any]]) -> Any:
    """What the lists that were asked for cost and bring."""
    from rich.table import Table

    from penchant.evaluation.list_table import list_table

    names, rows = list_table(records)
    table = Table("lists", *names, title="what was asked for, beside the plain lists [95%]")
    for row in rows:
        table.add_row(*row)
    return table

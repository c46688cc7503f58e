"""One verb per stage: parse, call, print. Results go to stdout, talk to stderr; exit codes 0, 1 (your mistake), 2 (usage)."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from penchant.cli_compare import compare
from penchant.cli_doctor import doctor
from penchant.cli_events import events as event_log
from penchant.cli_keys import audit_log, keys
from penchant.cli_learn import domains, evaluate, print_metrics, train
from penchant.cli_off_policy import off_policy
from penchant.cli_options import (
    Columns,
    Encoder,
    Join,
    Json,
    Run,
    Script,
    Scrub,
    Seed,
    StopWords,
    Words,
    parse_columns,
    reading,
)
from penchant.cli_recommend import recommend
from penchant.cli_retrain import retrain
from penchant.cli_reviews import reviews
from penchant.cli_serve import serve
from penchant.cli_similar import similar
from penchant.cli_tune import tune
from penchant.cli_twins import twins
from penchant.records.errors import PenchantError

app = typer.Typer(name="penchant", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(reviews, name="reviews")
app.add_typer(event_log, name="events")
app.add_typer(keys, name="keys")
app.add_typer(audit_log, name="audit-log")
Size = Annotated[str, typer.Option(help="tiny or small.")]


@app.callback()
def options(debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False) -> None:
    """An LLM-driven, multi-task recommender."""


@app.command()
def demo(
    run: Annotated[Path, typer.Argument(help="The run folder.")] = Path("runs/demo"),
    size: Size = "tiny",
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Do the main job on MovieLens-100K, from raw tables to a model that can be served."""
    from penchant.stages.demo import demo as run_demo

    print_metrics(run_demo(run, size=size, seed=seed), as_json)
    typer.echo(f"\nReport: {run / 'report' / 'report.html'}", err=True)
    typer.echo(f"Next:   penchant serve {run}", err=True)
    typer.echo(f"        penchant recommend {run} --text 'slow science fiction about space'", err=True)


@app.command()
def prepare(
    run: Run,
    events: Annotated[str, typer.Option(help="A file, the folder of a known data set, or a database URL#table.")],
    items: Annotated[str | None, typer.Option(help="The items, likewise.")] = None,
    users: Annotated[str | None, typer.Option(help="The people, likewise.")] = None,
    column: Annotated[list[str] | None, typer.Option(help="our_word=your_column, repeatable.")] = None,
    drop: Annotated[list[str] | None, typer.Option(help="A column to leave alone, repeatable.")] = None,
    rating_scale: Annotated[
        tuple[float, float] | None, typer.Option(help="Lowest and highest rating; others are rejected.")
    ] = None,
    allow_leaks: Annotated[
        bool, typer.Option("--allow-leaks", help="Go on although a table tells what will be asked.")
    ] = False,
    spam: Annotated[
        bool | None,
        typer.Option("--spam/--no-spam", help="Believe events with signs of spam less; default: if there are texts."),
    ] = None,
    sentiment: Annotated[
        Path | None, typer.Option(help="A folder of `reviews train`: texts that contradict their rating are a sign.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Read and clean your tables into RUN/data; what was rejected, and why, is in rejected.parquet and quality.json."""
    from penchant.data.summary import column_table, summary
    from penchant.stages.prepare import prepare as run_prepare

    quality = run_prepare(
        run,
        events=events,
        items=items,
        users=users,
        columns=parse_columns(column or []) or None,
        drop=drop or (),
        rating_scale=rating_scale,
        allow_leaks=allow_leaks,
        spam=spam,
        sentiment=sentiment,
    )
    told = f"{column_table(quality['report']['columns'])}\n\n{summary(quality)}"
    typer.echo(json.dumps(quality, ensure_ascii=False) if as_json else told)


app.command()(doctor)


@app.command()
def estimate(
    run: Annotated[Path | None, typer.Argument(help="A run folder.")] = None,
    events: Annotated[str | None, typer.Option(help="Tables that are not prepared yet: as for prepare.")] = None,
    items: Annotated[str | None, typer.Option(help="The items, likewise.")] = None,
    column: Columns = None,
    encoder: Encoder = "auto",
    scrub: Scrub = True,
    join: Join = "concat",
    script: Script = "keep",
    words: Words = None,
    stop_words: StopWords = None,
    as_json: Json = False,
) -> None:
    """Say how many texts, tokens and minutes encoding will take, and how much of it is there already. Reads 64 texts for it."""
    if (run is None) == (events is None):
        raise typer.BadParameter("Of what? Give a run folder, or --events.")
    from penchant.data.read import read
    from penchant.stages.estimate import estimate_data, estimate_lines, estimate_run

    options = reading(encoder, scrub, join, script, words, stop_words)
    if run is not None:
        told = estimate_run(run, **options)
    else:
        told = estimate_data(read(events, items, columns=parse_columns(column) or None), **options)
    typer.echo(json.dumps(told, ensure_ascii=False) if as_json else "\n".join(estimate_lines(told)))


@app.command()
def adapt(
    run: Run,
    out: Annotated[Path, typer.Argument(help="Where the new model's folder goes.")],
    encoder: Annotated[str, typer.Option(help="minilm, e5-small, auto, or the folder of a transformer.")] = "auto",
    pairs: Annotated[
        list[str] | None, typer.Option(help="next, together or review, repeatable; default: next.")
    ] = None,
    share: Annotated[float, typer.Option(help="Of the events, oldest first; 1 for a model that only serves.")] = 0.8,
    most: Annotated[int, typer.Option(min=2, help="At most so many pairs.")] = 5000,
    rank: Annotated[int, typer.Option(min=0, help="Of LoRA; 0 trains all weights.")] = 8,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the pairs.")] = 1,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Fit the language model to the texts that go together in RUN/data; train and evaluate then take its folder as --encoder."""
    from penchant.stages.adapt import adapt_run

    found = adapt_run(
        run,
        out,
        encoder=encoder,
        pairs=pairs or ["next"],
        share=share,
        most=most,
        rank=rank,
        epochs=epochs,
        seed=seed,
    )
    lines = (f"{name}: {value}" for name, value in found.items())
    typer.echo(json.dumps(found, ensure_ascii=False) if as_json else "\n".join(lines))


for verb in (train, retrain, evaluate, compare, tune, twins, domains, recommend, similar, off_policy):
    app.command()(verb)


@app.command()
def interests(
    run: Run,
    label: Annotated[
        list[str] | None, typer.Option(help="In any language, repeatable; default: the commonest tags.")
    ] = None,
    user: Annotated[list[str] | None, typer.Option(help="A known person, repeatable.")] = None,
    item: Annotated[list[str] | None, typer.Option(help="An item, repeatable.")] = None,
    k: Annotated[int, typer.Option(min=1, help="So many labels of each.")] = 10,
    encoder: Encoder = "auto",
    words: Annotated[
        Path | None, typer.Option(help="Words of yours, one a line, for labels mined from texts without tags.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say how much people and items of RUN/data have to do with labels, such as comedy, 科幻 or "quiet hotels"."""
    from penchant.stages.interests import interests_of_run

    if not user and not item:
        raise typer.BadParameter("Of whom? Give --user or --item.")
    found = interests_of_run(
        run, labels=label, user_ids=user or [], item_ids=item or [], k=k, encoder=encoder, words=words
    )
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for row in [*found["people"], *found["items"]]:
        typer.echo(f"{row.get('user_id') or row.get('item_id')}  {row['score']:.3f}  {row['label']}")


app.command()(serve)


def main() -> None:
    """The console script. A PenchantError is one line; `penchant --debug VERB` shows where it came from."""
    try:
        app()
    except PenchantError as error:
        if "--debug" in sys.argv:
            raise
        typer.secho(f"error: {error}", fg="red", err=True)
        sys.exit(1)

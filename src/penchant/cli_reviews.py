"""The verbs of `penchant reviews`: parse, call, print."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from penchant.cli_options import Columns, Encoder, Json, Seed, parse_columns

reviews = typer.Typer(no_args_is_help=True, help="Learn what reviews say: how people feel, and about what.")
ReviewFile = Annotated[Path, typer.Argument(help="A table of reviews, such as reviews.csv.")]
ReviewRun = Annotated[Path, typer.Argument(help="The folder that `reviews train` wrote.")]


@reviews.command("train")
def reviews_train(
    file: ReviewFile,
    out: Annotated[Path, typer.Option(help="The folder to write.")],
    column: Columns = None,
    encoder: Encoder = "auto",
    no_words: Annotated[
        bool, typer.Option("--no-words", help="Learn from vectors alone, not from n-grams too.")
    ] = False,
    fine_tune: Annotated[
        str | None, typer.Option(help="Also learn so many of the encoder's last layers, or all; slow.")
    ] = None,
    balanced: Annotated[bool, typer.Option("--balanced", help="Rare labels weigh as much as frequent ones.")] = False,
    grouped: Annotated[bool, typer.Option("--grouped", help="Test on whole groups (column group or domain).")] = False,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Learn the labels of reviews (columns review and label) from 80% of them, and test on the rest."""
    from penchant.stages.reviews import parse_layers, train_reviews
    from penchant.text.reviews.fine_tuning import FineTuning

    report = train_reviews(
        file,
        out,
        columns=parse_columns(column),
        encoder=encoder,
        fine_tuning=None if fine_tune is None else FineTuning(layers=parse_layers(fine_tune), seed=seed),
        words=not no_words,
        balanced=balanced,
        grouped=grouped,
        seed=seed,
    )
    _print_labels(report, as_json)


@reviews.command("evaluate")
def reviews_evaluate(run: ReviewRun, file: ReviewFile, column: Columns = None, as_json: Json = False) -> None:
    """Score the model on the rows of a labelled FILE that it did not learn from."""
    from penchant.stages.reviews import evaluate_reviews

    _print_labels(evaluate_reviews(run, file, columns=parse_columns(column)), as_json)


@reviews.command("predict")
def reviews_predict(
    run: ReviewRun,
    file: ReviewFile,
    out: Annotated[Path | None, typer.Option(help="CSV, JSONL or Parquet; default: CSV to standard output.")] = None,
    column: Columns = None,
) -> None:
    """Give the table of FILE back with predicted_label and its probability."""
    from penchant.stages.review_rows import write_table
    from penchant.stages.reviews import predict_reviews

    found = predict_reviews(run, file, columns=parse_columns(column))
    typer.echo(write_table(found, out), nl=False)


@reviews.command("aspects")
def reviews_aspects(
    run: ReviewRun,
    file: ReviewFile,
    out: Annotated[Path | None, typer.Option(help="Every finding with its quote: CSV, JSONL or Parquet.")] = None,
    aspects: Annotated[Path | None, typer.Option(help="JSON of aspects and their phrases; default: mined.")] = None,
    num: Annotated[int, typer.Option(min=1, help="Most aspects that are mined.")] = 30,
    min_count: Annotated[int, typer.Option(min=1, help="Reviews that have to name a phrase.")] = 5,
    words: Annotated[Path | None, typer.Option(help="Chinese names that mining is to know, one a line.")] = None,
    column: Columns = None,
    as_json: Json = False,
) -> None:
    """Tell what the reviews of FILE praise and blame, with quotes."""
    from penchant.stages.review_aspects import aspect_lines, find_aspects
    from penchant.stages.review_rows import write_table
    from penchant.text.reviews.aspects import summary

    settings: dict[str, Any] = {"given": aspects, "num_aspects": num, "min_count": min_count, "words": words}
    found = find_aspects(run, file, columns=parse_columns(column), **settings)
    if out is not None:
        write_table(found, out)
    told = summary(found)
    typer.echo(json.dumps(told.to_dicts(), ensure_ascii=False) if as_json else "\n".join(aspect_lines(told)))


def _print_labels(report: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    from penchant.stages.reviews import report_lines

    typer.echo("\n".join(report_lines(report)))

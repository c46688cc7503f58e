"""Options that several verbs have in common."""

from typing import Annotated

import typer

Seed = Annotated[int, typer.Option(help="Seed of everything random.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Encoder = Annotated[str, typer.Option(help="Who reads the texts: a word of docs/encoders.md, a folder, an endpoint.")]
Columns = Annotated[list[str] | None, typer.Option("--column", help="our_word=your_column, repeatable.")]


def parse_columns(pairs: list[str] | None) -> dict[str, str]:
    """Our words -> the user's columns.

    >>> parse_columns(["user_id=buyer"]), parse_columns(None)
    ({'user_id': 'buyer'}, {})
    """
    columns = {}
    for pair in pairs or []:
        word, _, name = pair.partition("=")
        if not (word and name):
            raise typer.BadParameter(f"--column takes our_word=your_column, found {pair!r}.")
        columns[word] = name
    return columns

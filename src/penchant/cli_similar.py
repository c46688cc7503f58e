"""`penchant similar`: items whose texts are like those of an item, or like words."""

import json
from typing import Annotated

import typer

from penchant.cli_options import Json, Run


def similar(
    run: Run,
    item: Annotated[list[str] | None, typer.Option(help="An item of the catalogue, repeatable.")] = None,
    text: Annotated[list[str] | None, typer.Option(help="Words, repeatable.")] = None,
    k: Annotated[int, typer.Option(min=1, help="Length of each list.")] = 10,
    domain: Annotated[str | None, typer.Option(help="Only items of this domain; default: of all.")] = None,
    as_json: Json = False,
) -> None:
    """Find the items whose texts are nearest to those of an item, or to words."""
    if bool(item) == bool(text):
        raise typer.BadParameter("Similar to what? Give --item or --text, and not both.")
    from penchant.stages.assemble import load

    model = load(run, frame="records")
    rows = model.similar(item or None, k, texts=text or None, domain=domain)
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        title = (model.item(row["item_id"]) or {}).get("title") or ""
        typer.echo(f"{row['asked']}  {row['rank']:>3}  {row['score']:.3f}  {row['item_id']}  {title}")

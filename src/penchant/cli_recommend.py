"""`penchant recommend`: lists for a person or a stranger, with everything that they may want of them."""

import json
from typing import Annotated

import typer

from penchant.cli_options import Blocks, Caps, Json, Pins, Rerank, Run, parse_rules


def recommend(
    run: Run,
    user: Annotated[list[str] | None, typer.Option(help="A known person, repeatable.")] = None,
    text: Annotated[str | None, typer.Option(help="A stranger's interest in words.")] = None,
    k: Annotated[int, typer.Option(min=1, help="Length of the list.")] = 10,
    domain: Annotated[str | None, typer.Option(help="Only items of this domain; default: of all.")] = None,
    rerank: Rerank = None,
    cap: Caps = None,
    pin: Pins = None,
    block: Blocks = None,
    steer: Annotated[
        str | None,
        typer.Option(help="A request in words, English or Chinese: 'less violence, more slow science fiction'."),
    ] = None,
    strength: Annotated[float | None, typer.Option(help="How far it moves the list; default: 0.5.")] = None,
    value: Annotated[
        str | None, typer.Option(help="What an item is worth: 'like^1 * rating^0.5 * item.price'.")
    ] = None,
    explore: Annotated[
        str | None, typer.Option(help="Draw the list: epsilon:share=0.1 or thompson:scale=1 (docs/exploration.md).")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of that draw; default: another one each time.")] = None,
    as_json: Json = False,
) -> None:
    """Recommend to a known person, or to a stranger who says what they like."""
    if user and text is not None:
        raise typer.BadParameter("--user and --text are two people; give one of them.")
    from penchant.stages.assemble import load

    model = load(run, frame="records")
    history = None if text is None else [{"text": text, "kind": "search"}]
    notes: list[str] = []
    rows = model.recommend(
        user_ids=user,
        history=history,
        k=k,
        domain=domain,
        rerank=rerank or (),
        rules=parse_rules(cap, pin, block),
        steer=steer,
        strength=strength,
        value=value,
        notes=notes,
        explore=explore,
        seed=seed,
    )
    for name in set(user or ()) - set(model.user_ids):
        typer.echo(f"{name!r} is nobody that the model knows: answered as a stranger.", err=True)
    for note in notes:
        typer.echo(note, err=True)
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        title = (model.item(row["item_id"]) or {}).get("title") or ""
        chance = f"{row['propensity']:6.1%}  " if explore is not None else ""
        typer.echo(f"{row['rank']:>3}  {row['score']:7.3f}  {chance}{row['item_id']}  {title}")

"""Options that several verbs have in common."""

from pathlib import Path
from typing import Annotated, Any

import typer

Run = Annotated[Path, typer.Argument(help="The run folder.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of everything random.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Encoder = Annotated[str, typer.Option(help="Who reads the texts: a word of docs/encoders.md, a folder, an endpoint.")]
Scrub = Annotated[bool, typer.Option("--scrub/--no-scrub", help="Replace personal data before a model reads texts.")]
Join = Annotated[str, typer.Option(help="How the texts of an item become one vector: concat, mean or attention.")]
Script = Annotated[
    str, typer.Option(help="Which script Chinese is read in: keep (as it is), simplified or traditional.")
]
Words = Annotated[Path | None, typer.Option(help="Words of yours, one a line, for word2vec and tfidf.")]
StopWords = Annotated[str | None, typer.Option(help="Words to leave out there: a file, or the word common.")]
Columns = Annotated[list[str] | None, typer.Option("--column", help="our_word=your_column, repeatable.")]

SizeOf = Annotated[
    str | None, typer.Option("--size", help="tiny or small; default: what --config says, otherwise small.")
]
Tasks = Annotated[list[str] | None, typer.Option("--task", help="What to learn, repeatable; default: all that fit.")]
Options = Annotated[
    list[str] | None, typer.Option("--set", help="option=value, repeatable: the options of docs/training.md.")
]
OptionsFile = Annotated[
    Path | None, typer.Option("--config", help="A file of options, such as RUN/tune/best.json; --set goes over it.")
]
FineTune = Annotated[
    str | None,
    typer.Option(help="lora or full: the language model learns along (docs/encoders.md); default: it stays frozen."),
]
Track = Annotated[
    list[str] | None, typer.Option("--track", help="tensorboard or mlflow, repeatable; =PLACE for another than RUN.")
]
Rerank = Annotated[
    list[str] | None,
    typer.Option("--rerank", help="mmr, dpp, calibrated, damped or fresh, as in mmr:weight=0.3; repeatable, in order."),
]
Caps = Annotated[
    list[str] | None,
    typer.Option("--cap", help="At most so many of one kind: tags=3, brand=2 or tags:horror=1; repeatable."),
]
Pins = Annotated[list[str] | None, typer.Option("--pin", help="What stands where: 1=ITEM for the top; repeatable.")]
Blocks = Annotated[
    list[str] | None, typer.Option("--block", help="What is not shown: brand=Acme or item_id=ITEM; repeatable.")
]


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


def parse_seeds(text: str) -> list[int]:
    """Whole numbers between commas.

    >>> parse_seeds("0, 1,7")
    [0, 1, 7]
    """
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() for part in parts):
        raise typer.BadParameter(f"--seeds takes whole numbers with commas, such as 0,1,2; found {text!r}.")
    return [int(part) for part in parts]


def reading(
    encoder: str, scrub: bool, join: str, script: str, words: Path | None, stop_words: str | None
) -> dict[str, Any]:
    """How texts are read, as the stages take it."""
    from penchant.text.cutting import Cutting

    cutting = Cutting.read(words, stop_words)
    return {"encoder": encoder, "scrub": scrub, "join": join, "script": script, "cutting": cutting}


def parse_rules(caps: list[str] | None, pins: list[str] | None, blocks: list[str] | None) -> dict[str, Any]:
    """What `recommend` takes as rules.

    >>> parse_rules(["tags=3", "brand:Acme=1"], ["1=i7"], ["brand=Bad & Co"])
    {'caps': {'tags': 3, 'brand': {'Acme': 1}}, 'pins': {1: 'i7'}, 'blocks': {'brand': ['Bad & Co']}}
    >>> parse_rules(None, None, None)
    {}
    """
    found: dict[str, Any] = {"caps": {}, "pins": {}, "blocks": {}}
    for cap in caps or []:
        name, _, most = cap.rpartition("=")
        attribute, colon, value = name.partition(":")
        _add_cap(found["caps"], attribute, value if colon else None, _whole("--cap", most, cap), cap)
    for pin in pins or []:
        place, _, item = pin.partition("=")
        if _whole("--pin", place, pin) in found["pins"] or not item:
            raise typer.BadParameter(f"--pin takes a place and an item, each place once, found {pin!r}.")
        found["pins"][int(place)] = item
    for block in blocks or []:
        name, _, value = block.partition("=")
        if not (name and value):
            raise typer.BadParameter(f"--block takes attribute=value, found {block!r}.")
        found["blocks"].setdefault(name, []).append(value)
    return {word: rules for word, rules in found.items() if rules}


def _add_cap(caps: dict[str, Any], attribute: str, value: str | None, most: int, said: str) -> None:
    own = caps.get(attribute, {})
    if not attribute or (value is None and own) or (value is not None and (not isinstance(own, dict) or value in own)):
        raise typer.BadParameter(f"--cap takes attribute=most or attribute:value=most, each once, found {said!r}.")
    caps[attribute] = most if value is None else {**own, value: most}


def _whole(option: str, number: str, said: str) -> int:
    if not number.strip().isdecimal():
        raise typer.BadParameter(f"{option} needs a whole number of at least 0, found {said!r}.")
    return int(number)

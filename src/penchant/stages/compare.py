"""`penchant compare`: any rows, ours and other people's, on one split by one evaluator.

A comparison is a folder: `lists/` holds what each row answered, with a card of what it took, and compare.json, compare.html
are made from that. Rows can be added later; what is there already and comes of the same split and settings is not computed
again.
"""

import datetime
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

import penchant
from penchant.evaluation.compare_report import write_comparison
from penchant.evaluation.comparison import differences, figures
from penchant.evaluation.ranking import CaseResults, list_results
from penchant.evaluation.row_card import PEER, Card
from penchant.evaluation.top_lists import SUFFIXES, TopLists, lists_of
from penchant.records.errors import ConfigError, DataError, suggestion
from penchant.stages.compared_rows import KINDS, Answered, Ground, answer, default_rows, find_row, seeded
from penchant.stages.config import Config, resolve_config
from penchant.stages.console import ShowEncoding, ShowTraining, make_progress, talk
from penchant.stages.encode import Encoded, encode
from penchant.stages.encoders import AUTO
from penchant.stages.export_split import export_split
from penchant.stages.prepare import read_data
from penchant.stages.protocols import find_protocol
from penchant.text.cutting import Cutting
from penchant.text.normalise import Script
from penchant.training.callbacks import Callback

LISTS = "lists"
COSTS = ("choose_seconds", "fit_seconds", "cpu_seconds", "score_seconds", "peak_mib")


def compare(
    run: Path,
    out: Path | None = None,
    *,
    rows: Sequence[str] | None = None,
    peers: Sequence[Path] = (),
    reference: str | None = None,
    export: Path | None = None,
    protocol: str = "global-time",
    seeds: Sequence[int] = (0, 1, 2),
    k: int = 10,
    size: str = "small",
    allow_leaks: bool = False,
    tasks: Sequence[str] | None = None,
    encoder: str = AUTO,
    scrub: bool = True,
    join: str = "concat",
    script: Script = "keep",
    cutting: Cutting | None = None,
    **options: Any,
) -> dict[str, Any]:
    """What compare.json holds; {} where there is only an `export`: files of the split for other systems.

    out: the folder of the comparison, default RUN/report/compare/PROTOCOL. rows: words of `compared_rows.KINDS`, default all
    that need no network. peers: files of lists, or folders of them. reference: which row the others are held against, default
    the simple one that is best on valid. seeds: of rows with a network.
    Raises: ConfigError for an unknown row or a folder of another split, DataError for lists that don't answer it.
    """
    names = None if rows is None else list(dict.fromkeys(find_row(word) for word in rows))
    _check_seeds(seeds)
    find_protocol(protocol)
    config = resolve_config(size, 0, **options)
    out = run / "report" / "compare" / protocol if out is None else out
    with make_progress() as progress:
        encoded = encode(read_data(run), encoder, scrub, join, ShowEncoding(progress), script, cutting)
        ground = Ground.of(encoded, protocol, k, allow_leaks=allow_leaks)
        if export is not None:
            export_split(ground, export)
            return {}
        _check_folder(out, ground)
        (out / LISTS).mkdir(parents=True, exist_ok=True)
        for path in _files(peers):
            _take_in(path, out, ground)
        for name in (
            default_rows(len(encoded.items), pictures=encoded.reader.pictures is not None) if names is None else names
        ):
            own = seeds if seeded(name) else [0]
            _check_others(name, out, _settings(name, encoded, config, tasks), own)
            for seed in own:
                one = replace(config, training=replace(config.training, seed=seed))
                _add(name, out, ground, one, tasks, [ShowTraining(progress, f"{name}, seed {seed}")])
    found = _told(run, out, ground, protocol, reference)
    write_comparison(found, out)
    return found


def _check_seeds(seeds: Sequence[int]) -> None:
    if not seeds or len(set(seeds)) < len(seeds):
        raise ConfigError(f"Seeds differ, and there is at least one, found {list(seeds)}. Three show what chance does.")


def _check_folder(out: Path, ground: Ground) -> None:
    for path in sorted((out / LISTS).glob("*.npz")):
        if Card.beside(path).split != ground.key:
            raise ConfigError(
                f"A folder holds one comparison, but {out} has lists of another split, protocol or length ({path.name}). "
                "Name another folder with --out, or remove that one."
            )


def _check_others(row: str, out: Path, settings: str, seeds: Sequence[int]) -> None:
    """Figures are means over seeds, which mean nothing where seeds differ in more."""
    for path in sorted((out / LISTS).glob("*.npz")):
        card = Card.beside(path)
        if card.row == row and card.seed not in seeds and card.settings != settings:
            raise ConfigError(
                f"A row has the same settings for all seeds, but {path.name} has others. Name its seed too, or another --out."
            )


def _files(given: Sequence[Path]) -> list[Path]:
    """Files of lists, those of folders in the order of their names."""
    found: list[Path] = []
    for path in given:
        inside = sorted(one for one in path.glob("*") if one.suffix in SUFFIXES) if path.is_dir() else [path]
        if not inside or not path.exists():
            raise DataError(f"There are no top lists (.npz, .parquet) at {path}. Name a file of them, or a folder.")
        found += inside
    return found


def _take_in(path: Path, out: Path, ground: Ground) -> None:
    """A copy of somebody's lists, once they are known to answer these cases."""
    card = Card.beside(path)
    if card.kind == PEER and card.row.casefold() in {name.casefold() for name in KINDS}:
        raise ConfigError(
            f"{card.row!r} is a row of ours, but {path} brings another of that name. Rename it in its card."
        )
    lists = TopLists.read(path)
    lists.answers(ground.asked, ground.encoded.users, ground.encoded.items)
    place = _place(out, card.row, card.seed)
    if place.exists() and (there := Card.beside(place)).row != card.row:
        raise ConfigError(f"{card.row!r} and {there.row!r} would be one file, {place.name}. Rename one in its card.")
    lists.write(place)
    replace(card, split=ground.key).write(place)


def _add(
    row: str, out: Path, ground: Ground, config: Config, tasks: Sequence[str] | None, callbacks: Sequence[Callback]
) -> None:
    """Computes a row and writes what it answers, unless that is there."""
    seed = config.training.seed
    settings = _settings(row, ground.encoded, config, tasks)
    place = _place(out, row, seed)
    if place.exists() and Card.beside(place).settings == settings:
        talk.print(f"{place.stem}: as it was computed before", soft_wrap=True)
        return
    about = f"size {config.size}, {ground.encoded.reader.chosen.word}" if seeded(row) else ""
    for name, found in answer(row, ground, config, tasks, callbacks).items():
        _write(_place(out, name, seed), name, found, ground, seed, settings, about)


def _write(place: Path, row: str, found: Answered, ground: Ground, seed: int, settings: str, about: str) -> None:
    encoded = ground.encoded
    lists_of(row, ground.asked.user_rows, found.lists, encoded.users, encoded.items).write(place)
    told = {name: value for name, value in asdict(found).items() if name != "lists"}
    Card(row=row, kind=KINDS[row], seed=seed, split=ground.key, settings=settings, about=about, **told).write(place)


def _settings(row: str, encoded: Encoded, config: Config, tasks: Sequence[str] | None) -> str:
    """Hash of what a row is made with but for the seed. What needs no network has no settings but how texts are read."""
    vectors = blake2b(encoded.item_vectors.tobytes(), digest_size=16).hexdigest()
    network = [replace(config, training=replace(config.training, seed=0)).to_dict(), tasks] if seeded(row) else []
    told = json.dumps([penchant.__version__, vectors, *network], sort_keys=True)
    return blake2b(told.encode(), digest_size=16).hexdigest()


def _place(out: Path, row: str, seed: int) -> Path:
    safe = re.sub(r"[^\w.-]+", "-", row)
    return out / LISTS / f"{safe}@{seed}.npz"


def _told(run: Path, out: Path, ground: Ground, protocol: str, reference: str | None) -> dict[str, Any]:
    results: dict[str, list[CaseResults]] = {}
    cards: dict[str, list[Card]] = {}
    missing: dict[str, int] = {}
    for path in sorted((out / LISTS).glob("*.npz")):
        card = Card.beside(path)
        ranked, lacking = TopLists.read(path).answers(ground.asked, ground.encoded.users, ground.encoded.items)
        results.setdefault(card.row, []).append(list_results(ranked, ground.asked, ground.k))
        cards.setdefault(card.row, []).append(card)
        missing[card.row] = max(missing.get(card.row, 0), lacking)
    chosen = _reference(reference, cards)
    encoded, now = ground.encoded, datetime.datetime.now(datetime.UTC)
    return {
        "schema_version": 1,
        "run": {
            "name": run.resolve().name,
            "created_at": now.isoformat(timespec="seconds"),
            "penchant_version": penchant.__version__,
        },
        "data": {
            "num_users": len(encoded.users),
            "num_items": len(encoded.items),
            "num_events": len(encoded.events),
            "split": ground.key,
        },
        "protocol": {
            "name": protocol,
            "description": find_protocol(protocol).description,
            "k": ground.k,
            "num_cases": len(ground.asked),
            "reference": chosen,
            "allowed_leaks": [f"{leak['rule']} ({leak['num_rows']} rows)" for leak in ground.leaks],
        },
        "rows": [
            {**_row(cards[name], missing[name]), **figures(results[name])}
            for name in sorted(results, key=lambda name: -np.mean([one.ndcg.mean() for one in results[name]]))
        ],
        "differences": differences(results, chosen),
    }


def _reference(asked: str | None, cards: dict[str, list[Card]]) -> str:
    if asked is not None:
        known = {name.casefold(): name for name in cards}
        if asked.casefold() not in known:
            raise ConfigError(f"The reference {asked!r} is none of the rows. {suggestion(asked, cards)}")
        return known[asked.casefold()]
    on_valid = {name: of[0].valid_ndcg for name, of in cards.items() if of[0].kind == "simple"}
    scores = {name: score for name, score in on_valid.items() if score is not None}
    if not scores:
        raise ConfigError(
            f"Rows are held against the simple one that is best on valid, found none among {', '.join(sorted(cards))}. "
            "Add one to --rows, or name a row with --reference."
        )
    return max(scores, key=scores.__getitem__)


def _row(cards: Sequence[Card], missing: int) -> dict[str, Any]:
    """Costs are means over seeds, None where one is not known."""
    first = cards[0]
    about = {"row": first.row, "kind": first.kind, "seeds": [card.seed for card in cards], "about": first.about}
    costs = {name: _mean([getattr(card, name) for card in cards]) for name in COSTS}
    return {**about, **costs, "valid_ndcg": _mean([card.valid_ndcg for card in cards]), "num_missing": missing}


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if len(known) == len(values) else None

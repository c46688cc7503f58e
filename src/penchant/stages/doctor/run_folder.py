"""A run folder and the assets: whole or damaged, and what in the data stands in the way of good recommendations."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from penchant.assets.catalogue import CATALOGUE
from penchant.assets.resolve import cached, default_cache
from penchant.records.artifacts import check_folder, read_json
from penchant.records.errors import ArtifactError, AssetError
from penchant.stages.doctor.finding import Finding
from penchant.stages.encoders import ENGLISH, MULTILINGUAL

FEW_EVENTS = 1000
MANY_REJECTED = 0.05
FEW_TITLES = 0.5
FEW_ENGLISH = 0.8
PARTS = {"data": "penchant prepare", "model": "penchant train", "state": "penchant train"}
"""What makes each part of a run."""


def assets() -> Iterator[Finding]:
    """Each named model and data set: in the cache and right, damaged, or not there yet. Reads all that is cached."""
    for name, asset in CATALOGUE.items():
        try:
            found = cached(asset, default_cache())
        except AssetError as error:
            yield Finding(area="assets", subject=name, status="bad", found=str(error), remedy="Delete that folder.")
            continue
        told = f"{'cached' if found else 'not fetched yet'} ({asset.licence})"
        yield Finding(area="assets", subject=name, status="ok", found=told)


def run_folder(run: Path) -> Iterator[Finding]:
    """The parts of a run, then its data and configuration."""
    if not run.is_dir():
        yield Finding(
            area="data",
            subject=str(run),
            status="bad",
            found="there is no such folder",
            remedy=f"Make it: penchant prepare {run} --events your-events.csv",
        )
        return
    for part, command in PARTS.items():
        yield _part(run, part, command)
    quality = _json(run / "data" / "quality.json")
    if quality is not None and _is_old(quality):
        yield Finding(
            area="data",
            subject="quality.json",
            status="note",
            found="written by an older Penchant",
            remedy=f"Make it again: penchant prepare {run} --events your-events.csv",
        )
    elif quality is not None:
        yield from data_findings(quality, f"see {run / 'data' / 'rejected.parquet'}")
    config = _json(run / "config.json")
    if config is not None:
        yield from _configuration(run, config, quality or {})


def _part(run: Path, part: str, command: str) -> Finding:
    folder = run / part
    if not folder.exists():
        return Finding(
            area="data",
            subject=str(folder),
            status="note",
            found="not made yet",
            remedy=f"{command} {run}" + (" --events your-events.csv" if part == "data" else ""),
        )
    try:
        check_folder(folder)
    except ArtifactError as error:
        return Finding(
            area="data", subject=str(folder), status="bad", found=str(error), remedy=f"Make it again: {command} {run}"
        )
    return Finding(area="data", subject=str(folder), status="ok", found="whole, every file as it was written")


def _is_old(quality: dict[str, Any]) -> bool:
    labels = quality.get("labels") or {}
    return not {"items_with", "personal", "labels"} <= quality.keys() or any(
        not isinstance(found, dict) for found in labels.values()
    )


def data_findings(quality: dict[str, Any], where: str) -> Iterator[Finding]:
    """What the quality report says that could be better; `where` the rejected rows are told of."""
    report = quality["report"]["events"]
    rejected = 1 - report["rows_kept"] / max(report["rows_in"], 1)
    titles = quality["items_with"].get("title", 0.0)
    checks = (
        (
            "rows",
            rejected > MANY_REJECTED,
            f"{report['rows_kept']:,} of {report['rows_in']:,} rows kept",
            f"Look at the reasons ({where}); a column may be taken for another (--column).",
        ),
        (
            "events",
            quality["num_events"] < FEW_EVENTS,
            f"{quality['num_events']:,} events of {quality['num_users']:,} people on {quality['num_items']:,} items",
            "Under 1,000 events mostly the texts of the items decide; give more if you have them.",
        ),
        (
            "times",
            not quality["has_clock"],
            "clock times" if quality["has_clock"] else "only an order",
            "With clock times popularity can be recent and the evaluation can be by time; add a column if you have one.",
        ),
        (
            "item texts",
            titles < FEW_TITLES,
            f"{titles:.0%} of the items have a title",
            "Items without words cannot be understood before people meet them; give a table with --items.",
        ),
        (
            "ratings",
            quality["rating_scale"] is None,
            "none" if quality["rating_scale"] is None else "{:g} to {:g}".format(*quality["rating_scale"]),
            "Without ratings no rating and like is predicted; name their column if there is one (--column rating=...).",
        ),
    )
    personal = ", ".join(f"{count:,} {kind.replace('_', ' ')}" for kind, count in quality["personal"].items())
    yield Finding(
        area="data",
        subject="personal data",
        status="ok",
        found=f"{personal} in the texts, replaced before a model reads them" if personal else "none found in the texts",
    )
    for subject, wrong, found, remedy in checks:
        yield Finding(
            area="data", subject=subject, status="note" if wrong else "ok", found=found, remedy=remedy if wrong else ""
        )
    yield from _pictures(quality.get("pictures") or {})
    yield from _tasks(quality["labels"] or {})


def _pictures(found: dict[str, Any]) -> Iterator[Finding]:
    """Pictures that items name, and why some can't be read; nothing where no item names one."""
    if not found:
        return
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in found["not_read"].items())
    read = f"{found['read']:,} of {found['named']:,} pictures can be read"
    yield Finding(
        area="data",
        subject="pictures",
        status="note" if reasons else "ok",
        found=f"{read}; {reasons}" if reasons else read,
        remedy="Put the files below the folder of the items' table; quality.json names the first." if reasons else "",
    )


def _tasks(labels: dict[str, dict[str, Any]]) -> Iterator[Finding]:
    """What each task can learn from; a note where nothing at all is learned when nobody says what."""
    idle = not any(found["by_default"] and not found["lacks"] for found in labels.values())
    for name, found in labels.items():
        told = f"{found['labels']:,} labels in {found['rows']:,} {found['table']}"
        yield Finding(
            area="data",
            subject=f"task {name}",
            status="note" if idle and found["by_default"] else "ok",
            found=f"nothing to learn: {found['lacks']}" if found["lacks"] else told,
            remedy=found["needs"],
        )


def _configuration(run: Path, config: dict[str, Any], quality: dict[str, Any]) -> Iterator[Finding]:
    from importlib.metadata import version

    now = {name: version(name) for name in config["versions"] if name != "python"}
    changed = [
        f"{name} {then} -> {now[name]}" for name, then in config["versions"].items() if now.get(name, then) != then
    ]
    yield Finding(
        area="configuration",
        subject="versions",
        status="note" if changed else "ok",
        found=f"since training: {', '.join(changed)}" if changed else "as at training",
        remedy=f"If results differ, train again: penchant train {run}" if changed else "",
    )
    yield from _scrubbing(run, config, quality)
    word, languages = config["encoder"]["word"], quality.get("languages")
    english = languages.get("en", 0.0) if languages else 1.0
    wrong = word == ENGLISH and english < FEW_ENGLISH
    yield Finding(
        area="configuration",
        subject="encoder",
        status="note" if wrong else "ok",
        found=word + (f", and {1 - english:.0%} of the texts are not English" if wrong else ""),
        remedy=f"It reads English; train with a multilingual one: penchant train {run} --encoder {MULTILINGUAL}"
        if wrong
        else "",
    )


def _scrubbing(run: Path, config: dict[str, Any], quality: dict[str, Any]) -> Iterator[Finding]:
    if quality.get("personal") and not config["encoder"]["scrub"]:
        yield Finding(
            area="configuration",
            subject="personal data",
            status="note",
            found="a model read it: trained with --no-scrub",
            remedy=f"To have it replaced: penchant train {run}",
        )


def _json(path: Path) -> Any:
    """None where the file is missing or damaged: that is said of its folder already."""
    try:
        return read_json(path) if path.exists() else None
    except ArtifactError:
        return None

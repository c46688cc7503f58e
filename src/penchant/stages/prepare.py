"""Tables in, clean tables out: `data/` of a run folder, with what was rejected and the quality report."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from penchant.data.event_table import widened
from penchant.data.leaks import check, leaks_in
from penchant.data.quality import quality as quality_of
from penchant.data.read import read_narrow
from penchant.records.artifacts import check_folder, new_folder, read_json, write_json
from penchant.records.data import REJECTED, Data
from penchant.stages.doubt import doubted
from penchant.stages.label_coverage import label_coverage
from penchant.stages.pictures import survey
from penchant.text.language import language_mix
from penchant.text.scrub import scrub


def prepare(
    run: Path,
    *,
    events: str,
    items: str | None = None,
    users: str | None = None,
    columns: dict[str, str] | None = None,
    drop: Sequence[str] = (),
    rating_scale: tuple[float, float] | None = None,
    allow_leaks: bool = False,
    spam: bool | None = None,
    sentiment: Path | None = None,
) -> dict[str, Any]:
    """Reads the files, writes `run/data/`, and gives the quality report. Files of any size: see `data.scan`.

    columns, drop, rating_scale: as for `pn.read`. spam, sentiment: as for `doubted`.
    Raises: LeakError for tables that tell what will be asked, unless allow_leaks; then the report says so.
    """
    data = read_narrow(events, items, users, columns, drop=drop, rating_scale=rating_scale)
    leaks = check(leaks_in(data), allow_leaks=allow_leaks)
    return write_data(run, doubted(data, spam, sentiment), leaks=leaks)


def write_data(run: Path, data: Data, leaks: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """`data/` with the three tables, rejected.parquet, quality.json, and what else is known of the events."""
    quality = quality_of(data, language_mix, personal_data, label_coverage)
    quality |= {"leaks": list(leaks), "notes": list(data.notes), "report": data.report}
    if (pictures := survey(data)) is not None:
        quality["pictures"] = pictures
    with new_folder(run / "data") as draft:
        widened(data.events.lazy()).sink_parquet(draft / "events.parquet")
        data.items.write_parquet(draft / "items.parquet")
        data.users.write_parquet(draft / "users.parquet")
        data.rejected.write_parquet(draft / "rejected.parquet")
        if data.weights is not None:
            data.weights.write_parquet(draft / "weights.parquet")
        if data.parts is not None:
            data.parts.to_frame("part").write_parquet(draft / "parts.parquet")
        write_json(draft / "quality.json", quality)
    return quality


def read_data(run: Path) -> Data:
    """What `prepare` wrote. Raises: ArtifactError when it is missing or damaged."""
    folder = run / "data"
    check_folder(folder)
    quality = read_json(folder / "quality.json")
    scale = quality["rating_scale"]
    beside = quality.get("pictures", {}).get("folder")
    rejected, parts = _maybe(folder / "rejected.parquet"), _maybe(folder / "parts.parquet")
    return Data(
        events=pl.read_parquet(folder / "events.parquet"),
        items=pl.read_parquet(folder / "items.parquet"),
        users=pl.read_parquet(folder / "users.parquet"),
        has_clock=quality["has_clock"],
        rating_scale=None if scale is None else (scale[0], scale[1]),
        frame="records",
        notes=tuple(quality["notes"]),
        report=quality["report"],
        rejected=pl.DataFrame(schema=REJECTED) if rejected is None else rejected,
        weights=_maybe(folder / "weights.parquet"),
        parts=None if parts is None else parts["part"],
        folder=None if beside is None else Path(beside),
    )


def personal_data(texts: pl.Series) -> dict[str, int]:
    """How much of each kind (`scrub.PLACEHOLDERS`) is in the texts: what is replaced before a model reads them."""
    return scrub(texts)[1]


def _maybe(path: Path) -> pl.DataFrame | None:
    return pl.read_parquet(path) if path.exists() else None

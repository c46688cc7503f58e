"""Tables in, clean tables out: `data/` of a run folder."""

from pathlib import Path
from typing import Any

import polars as pl

from penchant.data.event_table import widened
from penchant.data.read import read_narrow
from penchant.records.artifacts import check_folder, new_folder, read_json, write_json
from penchant.records.data import Data


def prepare(
    run: Path, *, events: str, items: str | None = None, users: str | None = None, columns: dict[str, str] | None = None
) -> dict[str, Any]:
    """Reads the files, writes `run/data/`, and gives the quality report."""
    return write_data(run, read_narrow(events, items, users, columns))


def write_data(run: Path, data: Data) -> dict[str, Any]:
    """`data/` with the three tables and quality.json."""
    quality = {
        "has_clock": data.has_clock,
        "rating_scale": data.rating_scale,
        "notes": list(data.notes),
        "report": data.report,
    }
    with new_folder(run / "data") as draft:
        widened(data.events.lazy()).sink_parquet(draft / "events.parquet")
        data.items.write_parquet(draft / "items.parquet")
        data.users.write_parquet(draft / "users.parquet")
        write_json(draft / "quality.json", quality)
    return quality


def read_data(run: Path) -> Data:
    """What `prepare` wrote. Raises: ArtifactError when it is missing or damaged."""
    folder = run / "data"
    check_folder(folder)
    quality = read_json(folder / "quality.json")
    scale = quality["rating_scale"]
    return Data(
        events=pl.read_parquet(folder / "events.parquet"),
        items=pl.read_parquet(folder / "items.parquet"),
        users=pl.read_parquet(folder / "users.parquet"),
        has_clock=quality["has_clock"],
        rating_scale=None if scale is None else (scale[0], scale[1]),
        frame="records",
        notes=tuple(quality["notes"]),
        report=quality["report"],
    )

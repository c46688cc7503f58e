"""`Data`: somebody's tables after reading, in our words."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import polars as pl

FrameKind = Literal["polars", "pandas", "pyarrow", "records"]
REJECTED: dict[str, pl.DataType] = {
    "table": pl.String(),  # events, items or users
    "row": pl.UInt32(),  # of the source, from 1
    "reason": pl.String(),
    "column": pl.String(),  # the one to blame, by the user's name; null where there is none
    "value": pl.String(),  # what it holds
}


@dataclass(frozen=True, kw_only=True)
class Data:
    """Clean tables with the columns of `words`, whichever frames they came from.

    `events` is ordered by time (ties keep the order of the file). `has_clock` tells whether `timestamp` is seconds
    since 1970 or only an order. `rating_scale` is the lowest and the highest rating, None without ratings.
    `frame` is the kind of frame that answers are given in. `notes` says what reading inferred, line by line.
    `rejected` (columns `REJECTED`) lists every row that is not here, with the reason.
    `weights`, where a later stage has set it, holds `row` (position in `events`, from 0), `weight` in [0.1, 1] and
    `reasons` (list of words) of the events that count for less than one; all others weigh 1.
    `folder`: pictures that items name are files below it, None: no file is looked at.
    `parts` ("train", "valid" or "test" for each event) is the source's own split, None where it has none.
    """

    events: pl.DataFrame
    items: pl.DataFrame
    users: pl.DataFrame
    has_clock: bool
    rating_scale: tuple[float, float] | None
    frame: FrameKind = "polars"
    notes: tuple[str, ...] = ()
    report: dict[str, object] = field(default_factory=dict)
    rejected: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=REJECTED))
    weights: pl.DataFrame | None = None
    parts: pl.Series | None = None
    folder: Path | None = None

"""`Data`: somebody's tables after reading, in our words."""

from dataclasses import dataclass, field
from typing import Literal

import polars as pl

FrameKind = Literal["polars", "pandas", "pyarrow", "records"]


@dataclass(frozen=True, kw_only=True)
class Data:
    """Clean tables with the columns of `words`, whichever frames they came from.

    `events` is ordered by time (ties keep the order of the file). `has_clock` tells whether `timestamp` is seconds
    since 1970 or only an order. `rating_scale` is the lowest and the highest rating, None without ratings.
    `frame` is the kind of frame that answers are given in. `notes` says what reading inferred, line by line.
    """

    events: pl.DataFrame
    items: pl.DataFrame
    users: pl.DataFrame
    has_clock: bool
    rating_scale: tuple[float, float] | None
    frame: FrameKind = "polars"
    notes: tuple[str, ...] = ()
    report: dict[str, object] = field(default_factory=dict)

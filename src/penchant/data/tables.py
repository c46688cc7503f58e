"""What reading gives before any column has a meaning: tables, and the rows that had to be mended or left out."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

REPAIRS: dict[str, type[pl.DataType]] = {"line": pl.Int64, "fate": pl.String, "reason": pl.String, "text": pl.String}
REPAIRED, REJECTED = "repaired", "rejected"
SHOWN = 200
"""Characters of a rejected row that are kept to be shown; a whole file may be bad."""


def repairs(rows: Iterable[tuple[int, str, str, str]] = ()) -> pl.DataFrame:
    """Rows (line from 1, "repaired" or "rejected", reason, text) as a table; long texts are cut.

    >>> repairs([(7, REJECTED, "no JSON object", "[1]")]).row(0)
    (7, 'rejected', 'no JSON object', '[1]')
    """
    cut = [(line, fate, reason, text[:SHOWN]) for line, fate, reason, text in rows]
    return pl.DataFrame(cut, schema=REPAIRS, orient="row")


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table. Rows in = rows of `frame` + rows of `repairs` whose fate is "rejected"; repaired rows are in `frame`.

    `repairs`: line (of the file, from 1), fate, reason, text. `notes`: what was inferred, line by line.
    """

    frame: pl.DataFrame
    repairs: pl.DataFrame = field(default_factory=repairs)
    notes: tuple[str, ...] = ()

    @property
    def rejected(self) -> int:
        """Rows of the source that are not in `frame`."""
        return int((self.repairs["fate"] == REJECTED).sum())

    @property
    def rows_in(self) -> int:
        """Rows of the source, good and bad."""
        return self.frame.height + self.rejected


@dataclass(frozen=True, kw_only=True)
class Tables:
    """The tables of a known data set, with columns that our words or their synonyms name.

    `repairs` lists what did not fit in the files of "events", "items" and "users"; reasons begin with the file's name.
    """

    events: pl.DataFrame
    items: pl.DataFrame | None = None
    users: pl.DataFrame | None = None
    notes: tuple[str, ...] = ()
    repairs: Mapping[str, pl.DataFrame] = field(default_factory=dict)

    def table(self, name: str) -> Table | None:
        """One of them with its repairs, None where there is none."""
        frame: pl.DataFrame | None = getattr(self, name)
        return None if frame is None else Table(frame=frame, repairs=self.repairs.get(name, repairs()))


def repair_notes(found: pl.DataFrame) -> tuple[str, ...]:
    """A line for each reason: how many rows, and where the first is.

    >>> repair_notes(repairs([(3, REPAIRED, "short", "a"), (9, REPAIRED, "short", "b")]))
    ('2 rows repaired: short (first: line 3)',)
    """
    counted = found.group_by("fate", "reason", maintain_order=True).agg(pl.len(), pl.col("line").min())
    return tuple(
        f"{count} row{'s' * (count > 1)} {fate}: {reason} (first: line {line})"
        for fate, reason, count, line in counted.rows()
    )


def without_empty_tail(frame: pl.DataFrame, nameless: Collection[str]) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Without the empty columns at the end that had no name, as a separator at the end of every row makes; and a note.

    >>> without_empty_tail(pl.DataFrame({"id": ["1"], "column_2": [None]}), {"column_2"})[0].columns
    ['id']
    """
    names = frame.columns
    while len(names) > 1 and names[-1] in nameless and frame[names[-1]].null_count() == frame.height:
        names.pop()
    count = frame.width - len(names)
    note = f"{count} empty column{'s' * (count > 1)} without a name at the end left out"
    return frame.select(names), (note,) if count else ()

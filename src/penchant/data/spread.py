"""How wide and how thinly filled a table may be. A few cells can claim a rectangle that fills the machine."""

from penchant.records.errors import DataError

MAX_COLUMNS = 10_000
"""The widest tables that people train on have some thousands; a column costs memory even without a row."""
FREE_CELLS = 1 << 22
"""Of any rectangle: 64 MiB of memory at most."""
SPREAD = 50
"""Cells of the rectangle per cell with something in it, beyond that. Wide tables of mostly empty columns have some 10."""


def check_spread(height: int, width: int, filled: int, name: str) -> None:
    """Raises DataError where so many rows and columns with so many cells filled are no table.

    >>> check_spread(1_000_000, 8, 5_000_000, "ratings")
    """
    if width > MAX_COLUMNS:
        raise DataError(
            f"{name} has {width:,} columns, and at most {MAX_COLUMNS:,} are read. A table here has one row per event, "
            "item or person; turn it so."
        )
    if height * width > max(FREE_CELLS, SPREAD * filled):
        raise DataError(
            f"{name} spreads {filled:,} cells over {height:,} rows and {width:,} columns, and nearly all are empty. "
            "Delete what stands far off the table, or write it with one row per event, item or person."
        )

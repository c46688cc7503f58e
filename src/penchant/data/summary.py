"""The quality report as text for a person at a terminal. Every figure was computed elsewhere."""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

SHOWN_REASONS = 12


def column_table(rows: Sequence[Mapping[str, Any]], width: int = 110) -> str:
    """`ColumnMap.rows` as a table: our word, the user's column, why, and three values of it.

    >>> print(
    ...     column_table(
    ...         [{"table": "items", "word": "title", "column": "片名", "reason": "its name", "samples": ["a"]}]
    ...     )
    ... )
    table  word   column  why       values
    items  title  片名    its name  a
    """
    table = Table("table", "word", "column", "why", "values", box=None, pad_edge=False)
    for row in rows:
        samples = " | ".join(_cut(value) for value in row["samples"])
        table.add_row(*(str(row[name]) for name in ("table", "word", "column", "reason")), samples)
    # No markup, no colours: cells hold what other people wrote.
    for column in table.columns:
        column.no_wrap = column.header in ("table", "word")
    console = Console(file=io.StringIO(), width=width, markup=False, highlight=False, emoji=False, no_color=True)
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


def summary(quality: Mapping[str, Any]) -> str:
    """The report in about twenty lines."""
    return "\n".join(f"{name:<18}{text}" for name, text in _lines(quality))


def _lines(quality: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    counts = (f"{quality['num_' + what]:,} {what}" for what in ("events", "users", "items"))
    yield "data", ", ".join(counts)
    first, last = quality["time_range"]
    yield "times", f"{first} to {last}" + ("" if quality["has_clock"] else " (an order, no clock)")
    if quality["rating_scale"]:
        yield "rating scale", "{:g} to {:g}".format(*quality["rating_scale"])
    yield "kinds", _counts(quality["kinds"])
    if quality["labels"]:
        yield "labels", _counts({name: found["labels"] for name, found in quality["labels"].items() if found["labels"]})
        lacking = [f"{name} ({found['lacks']})" for name, found in quality["labels"].items() if found["lacks"]]
        yield "nothing to learn", ", ".join(lacking) or "for no task"
    yield "items with", _shares(quality["items_with"])
    if pictures := quality.get("pictures"):
        yield "pictures", f"{pictures['read']:,} of {pictures['named']:,} read"
        if pictures["not_read"]:
            yield "pictures left out", _counts(pictures["not_read"])
    yield "events with", _shares(quality["events_with"])
    yield (
        "density",
        f"{quality['density']:.4%} of all pairs; {quality['repeated_share']:.1%} of the events are repeated ones",
    )
    yield "cold", _shares(quality["cold"]) + " (newest tenth of the events)"
    busy = quality["top_users"]
    yield "busiest user", f"{busy['most_events']:,} events; the median has {busy['median_events']:g}"
    if quality["languages"]:
        yield "languages", _shares(quality["languages"])
    if quality["personal"]:
        yield "personal data", f"{_counts(quality['personal'])} (replaced before a model reads, but for --no-scrub)"
    if quality["weights"] and quality["weights"]["num_events"]:
        yield "less weight", f"{quality['weights']['num_events']:,} events: {_counts(quality['weights']['reasons'])}"
    for table in ("events", "items", "users"):
        report = quality["report"][table]
        if report["dropped"]:
            yield f"rejected {table}", f"{_counts(report['dropped'])} (of {report['rows_in']:,} rows)"
        for word, counts in report.get("mended", {}).items():
            yield f"mended {table}", f"{word}: {_counts(counts)}"
        if report.get("left_out"):
            yield f"unread {table}", _counts(report["left_out"])
    for leak in quality["leaks"]:
        yield "LEAK, allowed", f"{leak['rule']} ({leak['num_rows']:,} rows)"


def _counts(counts: Mapping[str, int]) -> str:
    shown = [f"{name} {count:,}" for name, count in list(counts.items())[:SHOWN_REASONS]]
    return ", ".join(shown) + (f" and {len(counts) - len(shown)} more" if len(counts) > len(shown) else "")


def _shares(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {share:.1%}" for name, share in shares.items() if share) or "none"


def _cut(value: str, cells: int = 24) -> str:
    """The value on one line of at most so many cells; wide characters take two."""
    line = "".join(letter if letter.isprintable() else " " for letter in value)
    if cell_len(line) <= cells:
        return line
    while cell_len(line) > cells - 1:
        line = line[:-1]
    return line + "…"

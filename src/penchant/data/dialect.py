"""How a text table is written: its separator, whether it has a header row, and the names in that. From its first rows."""

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

from penchant.data.spread import check_spread
from penchant.data.synonyms import SYNONYMS
from penchant.records.errors import DataError

SEPARATORS = (",", "\t", ";", "|")
SAMPLE_ROWS = 100
NUMBER_OR_TIME = re.compile(r"[+-]?\d+([.,]\d+)?(e[+-]?\d+)?|\d{4}[-/]\d\d?[-/]\d\d?.*", re.IGNORECASE)
WORDS = {name for table in SYNONYMS.values() for names in table.values() for name in names}


@dataclass(frozen=True)
class Dialect:
    """`names`: one per column, `nameless` those that had none. `skip`: rows before the first row of data, blank ones
    included; `header`: the last of them has the names."""

    separator: str
    quote: str | None
    names: tuple[str, ...]
    skip: int
    header: bool
    notes: tuple[str, ...] = ()
    nameless: frozenset[str] = frozenset()


def sniff(head: str, usual: str, name: str, *, fixed: bool = False, quote: str | None = '"') -> Dialect:
    """The dialect of a table that begins with `head`. `usual`: its separator, if others do no better; `fixed`: anyway.

    Raises DataError for an empty table and one too wide.

    >>> sniff("\\nuid;film\\n1;2,5\\n", ",", "a.csv").names
    ('uid', 'film')
    """
    separator = usual if fixed else _separator(head, usual, quote)
    rows = list(islice(text_rows(io.StringIO(head, newline=""), separator, quote), SAMPLE_ROWS))
    first = next((number for number, (_, row) in enumerate(rows) if row), None)
    if first is None:
        raise DataError(f"{name} is empty. Give a file with a header row and one row per event, item or person.")
    cells = rows[first][1]
    check_spread(len(rows), len(cells), len(rows) * len(cells), name)
    notes: tuple[str, ...] = () if separator == usual else (f"columns are separated by {separator!r}",)
    if not is_header(cells):
        names = tuple(f"column_{number}" for number in range(1, len(cells) + 1))
        notes += (f"the first row holds data and no names, so the columns are called {names[0]} to {names[-1]}",)
        return Dialect(separator, quote, names, first, False, notes)
    names, renamed = unique_names(cells)
    nameless = frozenset(new for new, old in zip(names, cells, strict=True) if not old.strip())
    return Dialect(separator, quote, names, first + 1, True, notes + renamed, nameless)


def unique_names(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The same names, but none twice and none blank; and a note for each change.

    >>> unique_names(["id", "", "id"])[0]
    ('id', 'column_2', 'id_2')
    """
    taken = set(names)
    found: list[str] = []
    notes = []
    for number, name in enumerate(names, start=1):
        new = name if name.strip() else f"column_{number}"
        count = 2
        while new in found or (new != name and new in taken):
            new, count = f"{name.strip() or 'column'}_{count}", count + 1
        if new != name:
            notes.append(f"column {number}, named {name!r}, is called {new!r}")
        found.append(new)
    return tuple(found), tuple(notes)


def text_rows(text: Iterable[str], separator: str, quote: str | None) -> Iterator[tuple[int, list[str]]]:
    """The rows of a text with the line that each begins in, from 1; blank lines are rows without cells.

    Ends early at a cell of more than 128 KiB, as Python's reader does.

    >>> list(text_rows(["a,b\\n", "\\n", '"c\\n', 'd",e'], ",", '"'))
    [(1, ['a', 'b']), (2, []), (3, ['c\\nd', 'e'])]
    """
    plainly: Any = {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
    reader = csv.reader(text, delimiter=separator, **plainly)
    line = 1
    with suppress(csv.Error):
        for row in reader:
            yield line, row
            line = reader.line_num + 1


def _separator(head: str, usual: str, quote: str | None) -> str:
    """The separator by which most of the first rows have the same number of cells, of two and more."""

    def quality(separator: str) -> tuple[float, bool, int]:
        rows = islice(text_rows(io.StringIO(head, newline=""), separator, quote), SAMPLE_ROWS)
        counts = Counter(len(row) for _, row in rows if row)
        size, times = max(counts.items(), key=lambda pair: (pair[0] > 1, pair[1]), default=(0, 0))
        return (times / counts.total() if size > 1 else 0), separator == usual, size

    best = max(dict.fromkeys((usual, *SEPARATORS)), key=quality)
    return best if quality(best)[0] > 0 else usual


def is_header(row: Sequence[str]) -> bool:
    """Whether a first row holds names: one of them known, or none of the cells a number or a time; pandas' 0, 1, 2 too."""
    if any(_folded(cell) in WORDS for cell in row):
        return True
    named = [cell for cell in row if cell.strip()]
    return named == [str(number) for number in range(len(named))] or not any(map(NUMBER_OR_TIME.fullmatch, named))


def _folded(cell: str) -> str:
    """A name as synonyms are written: letters and digits only, no case."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", cell).casefold() if letter.isalnum())

"""How much a sheet of OpenDocument (.ods) unfolds to: rows and cells say how often they stand there, and few may claim billions.

Looks at tags only. Reading the cells is `excel`'s business.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from penchant.data.spread import check_spread
from penchant.records.errors import DataError

CHUNK = 1 << 20
MAX_TAG = 1 << 20
"""Bytes of one tag."""
START = re.compile(rb"<table:(?:table-row|table-cell|covered-table-cell)(?=[\s/>])")
TAG = re.compile(START.pattern + rb"""(?:[^<>"']|"[^"<]*"|'[^'<]*')*>""")
REPEATED = re.compile(rb"""\stable:number-(?:rows|columns)-repeated\s*=\s*["']([^"']*)["']""")
ROW, VALUE = b"<table:table-row", b"office:value-type"


def check_repeats(part: BinaryIO, most_letters: int, name: str) -> None:
    """Raises DataError where the cells of a part come to a rectangle that was hardly written, or to more than so many letters.

    Empty rows and cells at the end of a sheet, of which every sheet claims a million, count for nothing.
    """
    top = place = height = width = cells = letters = 0
    rows = 1
    for tag, size in _tags(part, name):
        repeated = _repeated(tag, name)
        if tag.startswith(ROW):
            top, rows, place = top + repeated, repeated, 0
            continue
        place += repeated
        if not tag.endswith(b"/>") or VALUE in tag:
            height, width, cells = top, max(width, place), cells + 1
            letters += rows * repeated * size
    check_spread(height, width, cells, name)
    if letters > most_letters:
        raise DataError(f"{name} repeats its texts to more than {most_letters:,} letters. Save the table as CSV.")


def _tags(part: BinaryIO, name: str) -> Iterator[tuple[bytes, int]]:
    """Each tag that begins a row or a cell, and the bytes from there to the next one."""
    read, rest = 0, b""
    last: tuple[bytes, int] | None = None
    while piece := part.read(CHUNK):
        piece = rest + piece
        whole = len(piece) if piece.endswith(b">") else max(piece.rfind(b"<"), 0)
        tags = list(TAG.finditer(piece, 0, whole))
        if len(tags) != sum(1 for _ in START.finditer(piece, 0, whole)) or len(piece) - whole > MAX_TAG:
            raise DataError(f"{name} is damaged: a tag of its sheet does not end. Save it again.")
        for tag in tags:
            if last is not None:
                yield last[0], read + tag.start() - last[1]
            last = tag.group(), read + tag.start()
        read, rest = read + whole, piece[whole:]
    if last is not None:
        yield last[0], read + len(rest) - last[1]


def _repeated(tag: bytes, name: str) -> int:
    found = REPEATED.search(tag)
    if found is None:
        return 1
    if not found[1].isdigit() or len(found[1]) > 9:
        raise DataError(f"{name} is damaged: a cell is repeated {found[1][:20]!r} times. Save it again.")
    return int(found[1])

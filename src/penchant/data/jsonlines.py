"""JSON, an object per line or an array of objects -> a table. Ids that are text stay text, numbers stay exact.

polars reads block by block. A block that it refuses or would read wrongly, or that has ever new keys (a column each, for
all rows), is read line by line, and lines that are no object are rejected and listed. Objects within objects become JSON
text: their keys may differ from row to row.
"""

import io
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, TextIO, cast

import polars as pl

from penchant.data.cells import from_records, stacked
from penchant.data.contents import Contents
from penchant.data.encodings import LOST, as_stream, detect, utf8
from penchant.data.parsing import BLOCK
from penchant.data.spread import FREE_CELLS, MAX_COLUMNS
from penchant.data.tables import REJECTED, Table, repair_notes, repairs
from penchant.records.errors import DataError

LONE_SURROGATE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
)
KEY = re.compile(rb'"([^"]*)"\s*:')
ROWS = 10_000
"""Objects of an array in one table, before they are joined."""
EXACT = 2.0**53
"""Whole numbers from here on are not exact as floats."""
OBJECT_AHEAD = re.compile(r"[\s,\[]*(?=\{)")
ARRAY_END = re.compile(r"[\s,\[]*\]\s*")
Rejected = tuple[int, str, str, str]
Part = tuple[pl.DataFrame, list[Rejected]]


def read_json(found: Contents) -> Table:
    """The table of a file of JSON lines, or of one JSON array. Raises DataError where no object is in it."""
    encoding = detect(found.open, found.name)
    with as_stream(utf8(found.open(), encoding)) as stream:
        first = _first_letter(stream)
    if not first:
        raise DataError(f"{found.name} is empty. Give a file with one JSON object per line.")
    with as_stream(utf8(found.open(), encoding)) as stream:
        read = _array_parts if first == b"[" else _line_parts
        parts = read(stream, found.name, sound=encoding.sound)
        frames, rejected = [], list[Rejected]()
        for frame, bad in parts:
            frames.append(frame)
            rejected += bad
    table = Table(frame=stacked([frame for frame in frames if frame.width]), repairs=repairs(rejected))
    reasons = repair_notes(table.repairs)
    if table.frame.is_empty() and rejected:
        raise DataError(f"No line of {found.name} can be used: {'; '.join(reasons)}. Give one JSON object per line.")
    return Table(frame=table.frame, repairs=table.repairs, notes=tuple(filter(None, (encoding.note, *reasons))))


def _first_letter(stream: BinaryIO) -> bytes:
    while piece := stream.read(BLOCK):
        if piece := piece.lstrip():
            return piece[:1]
    return b""


def _line_parts(stream: BinaryIO, name: str, *, sound: bool) -> Iterator[Part]:
    """Tables of some lines each, and what was rejected in them."""
    line = 1
    while block := stream.read(BLOCK):
        rest = stream.readline(BLOCK)
        if len(rest) == BLOCK:
            number = line + block.count(b"\n")
            raise DataError(f"Line {number} of {name} is longer than {BLOCK:,} bytes. Shorten or remove it.")
        block += rest
        frame = _fast(block) if sound and _is_simple(block) else None
        yield (frame, []) if frame is not None else _slow(block, line, sound=sound)
        line += block.count(b"\n")


def _is_simple(block: bytes) -> bool:
    """Whether a column for each key, on whatever level, is small for that many lines; and no letter is half a letter."""
    keys = len(set(KEY.findall(block)))
    small = keys <= MAX_COLUMNS and keys * (block.count(b"\n") + 1) <= FREE_CELLS
    return small and not LONE_SURROGATE.search(block)


def _fast(block: bytes) -> pl.DataFrame | None:
    """The lines as polars reads them, None where it doesn't or would round a number."""
    if not block.strip():
        return pl.DataFrame()
    try:
        frame = pl.read_ndjson(io.BytesIO(block), infer_schema_length=None)
        if objects := {name: pl.String for name, kind in frame.schema.items() if _has_objects(kind)}:
            frame = pl.read_ndjson(io.BytesIO(block), infer_schema_length=None, schema_overrides=objects)
    except pl.exceptions.PolarsError:
        return None
    rounded = (kind.is_float() and (frame[name].abs() >= EXACT).any() for name, kind in frame.schema.items())
    return None if any(rounded) else frame


def _has_objects(kind: pl.DataType) -> bool:
    return isinstance(kind, pl.Struct) or (isinstance(kind, pl.List) and _has_objects(cast(pl.DataType, kind.inner)))


def _slow(block: bytes, line: int, *, sound: bool) -> tuple[pl.DataFrame, list[Rejected]]:
    """The lines as Python reads them, one by one; `line` is the number of the first."""
    records, rejected = list[dict[str, Any]](), list[Rejected]()
    for number, raw in enumerate(block.decode().split("\n"), start=line):
        if text := raw.strip():
            value, reason = _object(text, sound=sound)
            if reason:
                rejected.append((number, REJECTED, reason, text))
            else:
                records.append(value)
    return from_records(records), rejected


def _object(text: str, *, sound: bool) -> tuple[Any, str]:
    """The value of a line, and why it is no object of use, "" if it is one."""
    if not sound and LOST in text:
        return None, "bytes that do not fit the encoding"
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None, "no JSON"
    return value, "no JSON object" if not isinstance(value, dict) else _half_letters(text)


def _half_letters(text: str) -> str:
    return "half a letter (a lone surrogate)" if LONE_SURROGATE.search(text.encode()) else ""


def _array_parts(stream: BinaryIO, name: str, *, sound: bool) -> Iterator[Part]:
    """Tables of some objects of an array each, and what was rejected in them."""
    records, rejected = list[dict[str, Any]](), list[Rejected]()
    for line, value, text in _elements(io.TextIOWrapper(stream, "utf-8", newline="\n"), name):
        reason = "bytes that do not fit the encoding" if not sound and LOST in text else _half_letters(text)
        if reason:
            rejected.append((line, REJECTED, reason, text))
        else:
            records.append(value)
        if len(records) == ROWS:
            yield from_records(records), rejected
            records, rejected = [], []
    yield from_records(records), rejected


def _elements(stream: TextIO, name: str) -> Iterator[tuple[int, dict[str, Any], str]]:
    """The objects of a JSON array, with the line that each begins in and its text. Raises DataError for a broken one."""
    decode = json.JSONDecoder().raw_decode
    text, line = "", 1
    while len(text) <= BLOCK and (piece := stream.read(BLOCK)):
        text, at = text + piece, 0
        while found := OBJECT_AHEAD.match(text, at):
            try:
                value, end = decode(text, found.end())
            except (ValueError, RecursionError):
                break  # perhaps it goes on in the next piece
            yield line + text.count("\n", 0, found.end()), value, text[found.end() : end]
            at = end
        line, text = line + text.count("\n", 0, at), text[at:]
    if not ARRAY_END.fullmatch(text):
        wrong = text.lstrip(",[ \t\r\n")
        line += text.count("\n", 0, len(text) - len(wrong))
        raise DataError(
            f"{name} is no whole JSON array of objects: what comes in line {line} is none, is longer than {BLOCK:,} "
            f"letters or breaks off ({wrong[:40]!r}). Mend it, or give one JSON object per line."
        )

"""What a path leads to: a regular file, perhaps packed, and what its first bytes say. Not what is in its cells."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from penchant.data import zips
from penchant.data.compression import PACKINGS, unpacked
from penchant.records.errors import DataError

MAGIC = {
    b"PK\x03\x04": (".zip", ".xlsx", ".xlsm", ".ods"),
    b"\x1f\x8b": (".gz",),
    b"BZh": (".bz2",),
    b"\xfd7zXZ\x00": (".xz",),
    b"\x28\xb5\x2f\xfd": (".zst",),
    b"PAR1": (".parquet",),
    b"SQLite format 3\x00": (),
    b"\xd0\xcf\x11\xe0": (),
    b"\x80\x02": (),
    b"\x80\x03": (),
    b"\x80\x04": (),
    b"\x80\x05": (),
}
"""First bytes -> the ends of the names that they belong to."""
FOREIGN = {
    b"SQLite format 3\x00": "an SQLite database: name a table of it, as in sqlite:///{name}#<table>",
    b"\xd0\xcf\x11\xe0": "an old Excel file or one with a password: save it as .xlsx without one",
    b"\x80": "a pickle, which may run anything and is never opened: save the table as CSV or Parquet",
}
BINARY_BOOKS = (".xls", ".xlsb")
"""Their size shows only once all of it is in memory: two cells of an .xls, far apart, take half a gigabyte."""


@dataclass(frozen=True)
class Contents:
    """`open` gives the unpacked bytes from the beginning, any number of times. `suffix` tells their format (".csv")."""

    name: str
    suffix: str
    open: Callable[[], BinaryIO]
    plain: Path | None = None  # set where the bytes lie in a file as they are


def contents(path: Path, suffixes: tuple[str, ...]) -> Contents:
    """What `path` holds, unpacked. Raises DataError unless it is a regular file with one table of a known format.

    Links are followed; what they lead to has to be a regular file too.
    """
    check_regular(path)
    end = path.suffix.lower()
    inner = Path(path.stem).suffix.lower() if end in PACKINGS else end
    if inner in BINARY_BOOKS:
        raise DataError(
            f"{path} is a workbook in a binary form, which is not read. Open it and save it as .xlsx, .ods or CSV."
        )
    if end != ".zip" and inner not in suffixes:
        raise DataError(
            f"{path} ends in none of {', '.join(suffixes)} (packed as {', '.join((*PACKINGS, '.zip'))} too). "
            "Rename or convert the file."
        )
    with path.open("rb") as stream:
        _check_magic(stream.read(16), end, str(path))
    if end == ".zip":
        return _zipped(path, suffixes)
    if end not in PACKINGS:
        return Contents(str(path), inner, lambda: path.open("rb"), plain=path)
    found = Contents(str(path), inner, lambda: unpacked(path.open("rb"), end, str(path)))
    with found.open() as stream:
        _check_magic(stream.read(16), inner, str(path))
    return found


def check_regular(path: Path) -> None:
    """Raises DataError unless there is a regular file: devices and pipes may never end, folders hold several."""
    try:
        there, regular, folder = path.exists(), path.is_file(), path.is_dir()
    except (OSError, ValueError) as error:  # a loop of links; a NUL in the name
        raise DataError(f"{str(path)!r} is no usable path: {error}. Check the path.") from error
    if folder:
        inside = ", ".join(sorted(entry.name for entry in path.iterdir())[:8]) or "nothing"
        raise DataError(f"{path} is a folder of no known data set, and a table is a file. In it: {inside}. Name one.")
    if there and not regular:
        raise DataError(f"{path} is a device or a pipe, and tables are read from regular files only. Copy it to one.")
    if not there:
        raise DataError(f"There is no file {path}. Check the path.")


def _zipped(path: Path, suffixes: tuple[str, ...]) -> Contents:
    with path.open("rb") as stream:
        member = zips.only_table(zips.members(stream, str(path)), suffixes, str(path))
    name = f"{path} ({member.filename})"
    suffix = PurePosixPath(member.filename).suffix.lower()
    found = Contents(name, suffix, lambda: zips.opened(path.open("rb"), member, name))
    with found.open() as opened:
        _check_magic(opened.read(16), suffix, name)
    return found


def _check_magic(head: bytes, suffix: str, name: str) -> None:
    """Raises DataError where first bytes tell of another format than the end of the name."""
    for magic, suffixes in MAGIC.items():
        if head.startswith(magic) and suffix not in suffixes:
            if suffixes:
                raise DataError(f"{name} does not hold {suffix[1:]} but {suffixes[0][1:]}. Rename it to {suffixes[0]}.")
            what = next(text for start, text in FOREIGN.items() if magic.startswith(start))
            raise DataError(f"{name} does not hold {suffix[1:]}; it is {what.format(name=name)}.")


def whole(found: Contents) -> BinaryIO:
    """All the bytes, where one can go back and forth: the file itself, or what it unpacks to, in memory."""
    if found.plain:
        return found.plain.open("rb")
    with found.open() as stream:
        return io.BytesIO(stream.read())

"""Zip archives: their one table, read where it lies. Names in them are looked at, never used as a path."""

import io
import stat
import struct
import zipfile
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from penchant.data.compression import DAMAGE, Bounded, check_ratio
from penchant.records.errors import DataError

END = b"PK\x05\x06"
DIRECTORY_BYTES = 4 << 20
"""Of the list of members: about 40,000, while a table is one. Python's reader takes some ten times as much memory."""
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)
"""The others are rare, and LZMA in a zip may ask for 4 GiB."""
BROKEN = (*DAMAGE, struct.error, IndexError, ValueError)
"""What Python's reader raises over damaged lists of members and members."""
CLUTTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")


def members(stream: BinaryIO, name: str) -> list[zipfile.ZipInfo]:
    """The files of an archive, each known to be small enough, in the clear, no link, and named without a way out.

    Raises DataError otherwise, and where the archive is damaged.
    """
    _check_directory(stream, name)
    try:
        with zipfile.ZipFile(stream) as archive:
            found = [info for info in archive.infolist() if not info.is_dir()]
    except BROKEN as error:
        raise DataError(f"{name} is no zip archive, or damaged: {error}. Pack or download it again.") from error
    for info in found:
        _check_member(info, name)
    return found


def only_table(found: Iterable[zipfile.ZipInfo], suffixes: Iterable[str], name: str) -> zipfile.ZipInfo:
    """The one member with a table in it, by the end of its name. Raises DataError for none or several."""
    files = [info for info in found if not set(PurePosixPath(info.filename).parts) & set(CLUTTER)]
    tables = [info for info in files if PurePosixPath(info.filename).suffix.lower() in set(suffixes)]
    if len(tables) != 1:
        shown = ", ".join(repr(info.filename) for info in files[:5]) or "nothing"
        raise DataError(
            f"A zip archive has to hold one table, but {name} holds {len(tables)} (in it: {shown}). "
            "Unpack it and name the file that you mean."
        )
    return tables[0]


def opened(stream: BinaryIO, info: zipfile.ZipInfo, name: str) -> BinaryIO:
    """The bytes of a member. Raises DataError, also later while reading, where it is damaged."""
    try:
        source = zipfile.ZipFile(stream).open(info)  # noqa: SIM115  closed with the stream
    except BROKEN as error:
        raise DataError(f"{info.filename!r} in {name} is damaged: {error}. Pack or download it again.") from error
    return cast(BinaryIO, io.BufferedReader(Bounded(source, lambda: info.compress_size, name), 1 << 18))


def _check_directory(stream: BinaryIO, name: str) -> None:
    end = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, end - (1 << 16) - 22))
    tail = stream.read()
    stream.seek(0)
    at = tail.rfind(END)
    size = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    if size > DIRECTORY_BYTES:
        raise DataError(
            f"{name} lists far too many files for one table ({size:,} bytes of names). Take the table out of it."
        )


def _check_member(info: zipfile.ZipInfo, name: str) -> None:
    path = PurePosixPath(info.filename.replace("\\", "/"))
    rule = None
    if path.is_absolute() or ".." in path.parts or (path.parts and path.parts[0].endswith(":")):
        rule = "leads out of the archive"
    elif stat.S_ISLNK(info.external_attr >> 16):
        rule = "is a link"
    elif info.flag_bits & 1:
        rule = "is locked by a password"
    elif info.compress_type not in METHODS:
        rule = f"is packed by method {info.compress_type}, which is none of stored, deflate and bzip2"
    if rule:
        raise DataError(f"{info.filename!r} in {name} {rule}. Unpack it yourself and name the file that you mean.")
    check_ratio(info.file_size, info.compress_size, name)
